#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

// Plays its prompts and collects keys or words meanwhile. The timers run from the end of the prompts, or from
// the first key that cut them off.
class GatherRun final : public StepRun, public Watcher {
 public:
  GatherRun(Runner& runner, const GatherStep& spec)
      : runner_(runner),
        spec_(spec),
        core_(runner.core()),
        sound_(runner.core()),
        pause_(runner.core()),
        timeout_(runner.core()),
        watch_(runner.core(), *this) {}

  void start() override {
    const std::string typed = runner_.take_typed_ahead();
    if (spec_.speech && (spec_.barge_in || spec_.prompts.empty())) listen();
    if (spec_.keep_typed_ahead && spec_.digits) {
      for (const char digit : typed) {
        if (take(digit)) return;
      }
    }
    if (!result_.digits.empty() && spec_.barge_in) return prompts_over();
    if (runner_.playing_under()) {
      runner_.on_under_over([this] { next_prompt(); });
      return;
    }
    next_prompt();
  }

  Consumed on_event(const call::Event& event) override {
    const auto* pressed = std::get_if<call::DigitReceived>(&event.what);
    if (pressed == nullptr) return Consumed::No;
    if (!spec_.digits) return Consumed::Yes;
    stop_listening();
    if (take(pressed->digit)) return Consumed::Yes;
    if (spec_.barge_in && !collecting_) cut_prompts();
    if (collecting_) arm(spec_.next_digit_timeout);
    return Consumed::Yes;
  }

  void cancel(Cancel) override {
    sound_.stop();
    pause_.stop();
    timeout_.stop();
    stop_listening();
  }

  Outcome outcome_when_gone() const override { return result_; }

 private:
  // True if this key ended it.
  bool take(char digit) {
    if (spec_.finish_keys.find(digit) != std::string::npos) {
      result_.finished_by = digit;
      finish();
      return true;
    }
    result_.digits += digit;
    if (spec_.digits_max == 0 || result_.digits.size() < spec_.digits_max) return false;
    finish();
    return true;
  }

  void next_prompt() {
    if (collecting_) return;
    if (next_ >= spec_.prompts.size()) return prompts_over();
    const auto& prompt = spec_.prompts[next_++];
    if (const auto* pause = std::get_if<PauseStep>(&prompt)) {
      pause_.start(pause->length, [this] { next_prompt(); });
      return;
    }
    const auto playing = sound_.play(runner_.audience(), std::get<PlayStep>(prompt).prompt,
                                     [this](call::PromptEnd) { next_prompt(); });
    if (!playing) next_prompt();
  }

  void cut_prompts() {
    collecting_ = true;
    sound_.stop();
    pause_.stop();
    runner_.stop_under();
  }

  void prompts_over() {
    collecting_ = true;
    if (spec_.speech && result_.digits.empty() && !tap_ && !spoken_) listen();
    if (spec_.digits) arm(result_.digits.empty() ? spec_.first_digit_timeout : spec_.next_digit_timeout);
    if (!spec_.digits && !tap_) finish();
  }

  void arm(milliseconds timeout) {
    timeout_.start(timeout, [this] {
      // Words may still come; the recogniser has its own time.
      if (tap_ && result_.digits.empty()) return;
      result_.timed_out = true;
      finish();
    });
  }

  void listen() {
    auto tap = core_.board().recognise(runner_.leg(), spec_.recognition);
    if (!tap) {
      spoken_ = true;
      return;
    }
    tap_ = *tap;
    watch_.add(key_of(*tap));
  }

  void stop_listening() {
    if (!tap_) return;
    watch_.clear();
    core_.board().stop_recognition(*std::exchange(tap_, std::nullopt));
    spoken_ = true;
  }

  Consumed on_watched(const call::Event& event) override {
    const auto* heard = std::get_if<call::SpeechHeard>(&event.what);
    if (heard == nullptr || tap_ != heard->tap) return Consumed::No;
    // Without guesses, what is not final says that somebody begins to speak.
    if ((!heard->guesses.empty() || !heard->final) && !collecting_) cut_prompts();
    if (!heard->final) {
      if (spec_.partial_results && !heard->guesses.empty()) {
        Gathered partial;
        partial.speech = *heard;
        core_.documents().tell(runner_.subject(), spec_.partial_results, partial);
      }
      return Consumed::No;
    }
    watch_.clear();
    tap_.reset();
    if (heard->guesses.empty() && !collecting_) return Consumed::No;  // his turn comes after the prompts
    spoken_ = true;
    result_.speech = *heard;
    result_.timed_out = heard->guesses.empty();
    if (!heard->guesses.empty() || !spec_.digits || !timeout_.running()) finish();
    return Consumed::No;
  }

  void finish() {
    cancel(Cancel::Over);
    collecting_ = true;
    runner_.stop_under();
    runner_.finish(result_);
  }

  Runner& runner_;
  const GatherStep& spec_;
  Core& core_;
  Gathered result_;
  bool collecting_ = false;  // the prompts are over, or were cut off
  bool spoken_ = false;      // the recogniser has had its turn
  size_t next_ = 0;
  Sound sound_;
  Alarm pause_;
  Alarm timeout_;
  Watch watch_;
  std::optional<call::TapId> tap_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const GatherStep& spec) {
  return std::make_unique<GatherRun>(runner, spec);
}

}  // namespace sotto::flow
