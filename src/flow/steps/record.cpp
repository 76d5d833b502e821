#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

// Records the leg. It may be waited for: then it ends by silence, a key, the longest length, or with the leg.
class RecordRun final : public StepRun, public Watcher {
 public:
  RecordRun(Runner& runner, const RecordStep& spec)
      : runner_(runner),
        spec_(spec),
        core_(runner.core()),
        beep_(core_),
        length_max_(core_),
        watch_(core_, *this) {}

  void start() override {
    const call::Leg* leg = core_.live(runner_.leg());
    if (spec_.wait == Wait::No && leg != nullptr && !leg->answered()) return begin_when_answered();
    if (!spec_.spec.beep) return begin();
    call::Tone tone;
    tone.kind = call::Tone::Kind::Beep;
    tone.length = 300ms;
    const auto beeping = beep_.play(runner_.audience(), call::PromptSpec{{tone}, 1, 0.0F},
                                    [this](call::PromptEnd) { begin(); });
    if (!beeping) begin();
  }

  Consumed on_event(const call::Event& event) override {
    const auto* digit = std::get_if<call::DigitReceived>(&event.what);
    if (digit == nullptr || !recording_ || spec_.wait == Wait::No) return Consumed::No;
    if (spec_.spec.end_on_keys.find(digit->digit) == std::string::npos) return Consumed::No;
    end_key_ = digit->digit;
    core_.board().stop_recording(*recording_);
    return Consumed::Yes;
  }

  void cancel(Cancel why) override {
    beep_.stop();
    length_max_.stop();
    watch_.clear();
    if (!recording_ || spec_.wait == Wait::No) return;
    core_.board().stop_recording(*recording_);
    if (why == Cancel::Gone && spec_.ask.tell_when_gone) {
      core_.tell_when_recorded(*recording_, runner_.subject(), spec_.ask.document, 0);
    }
  }

  Outcome outcome_when_gone() const override { return Recorded{}; }

 private:
  // One beside the call.
  static void keep(Core& core, LegId leg, const std::string& tag, const Ask& ask, call::RecordingId id) {
    core.slot(leg).recordings.emplace_back(tag, id);
    if (ask.when != Asking::Never) core.tell_when_recorded(id, leg, ask.document, 0);
  }

  void begin_when_answered() {
    const auto begin = [&core = core_, leg = runner_.leg(), spec = spec_] {
      call::RecordingSpec silent = spec.spec;
      silent.beep = false;
      const auto recording = core.board().record(leg, std::move(silent));
      if (!recording) return core.warn(leg, "recording", recording.error().detail);
      keep(core, leg, spec.tag, spec.ask, *recording);
    };
    core_.slot(runner_.leg()).when_answered.push_back({spec_.tag, false, begin});
    runner_.finish(Reached{});
  }

  void begin() {
    call::RecordingSpec spec = spec_.spec;
    spec.beep = false;  // it has been heard
    const auto recording = core_.board().record(runner_.leg(), std::move(spec));
    if (!recording) return runner_.finish(Recorded{});
    if (spec_.wait == Wait::No) {
      keep(core_, runner_.leg(), spec_.tag, spec_.ask, *recording);
      return runner_.finish(Reached{});
    }
    recording_ = *recording;
    watch_.add(key_of(*recording));
    // The recorder ends it by itself; this is for one that does not.
    if (spec_.spec.length_max.count() > 0) {
      length_max_.start(spec_.spec.length_max + 1s, [this] { core_.board().stop_recording(*recording_); });
    }
  }

  Consumed on_watched(const call::Event& event) override {
    const auto* ended = std::get_if<call::RecordingEnded>(&event.what);
    if (ended == nullptr || recording_ != ended->recording.id) return Consumed::No;
    Recorded outcome{ended->recording};
    if (end_key_ != 0) {
      outcome.recording->end = call::RecordingEnd::Key;
      outcome.recording->end_key = end_key_;
    }
    const bool nothing = spec_.silence_is_nothing && ended->recording.bytes == 0;
    if (nothing || ended->recording.end == call::RecordingEnd::Failed) outcome.recording.reset();
    recording_.reset();
    length_max_.stop();
    watch_.clear();
    runner_.finish(std::move(outcome));
    return Consumed::No;
  }

  Runner& runner_;
  const RecordStep& spec_;
  Core& core_;
  Sound beep_;
  Alarm length_max_;
  Watch watch_;
  std::optional<call::RecordingId> recording_;
  char end_key_ = 0;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const RecordStep& spec) {
  return std::make_unique<RecordRun>(runner, spec);
}

}  // namespace sotto::flow
