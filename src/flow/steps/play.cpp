#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

class PlayRun final : public StepRun {
 public:
  PlayRun(Runner& runner, const PlayStep& spec) : runner_(runner), spec_(spec), sound_(runner.core()) {}

  void start() override {
    if (spec_.wait == Wait::No && spec_.to == PlayStep::To::Listener) {
      runner_.play_under(spec_.prompt, spec_.barge_in);
      runner_.finish(Played{});
      return;
    }
    if (!runner_.playing_under()) return begin();
    runner_.on_under_over([this] { begin(); });
  }

  Consumed on_event(const call::Event& event) override {
    const auto* digit = std::get_if<call::DigitReceived>(&event.what);
    if (digit == nullptr || !spec_.barge_in) return Consumed::No;
    runner_.type_ahead(digit->digit);
    runner_.stop_under();
    sound_.stop();
    runner_.finish(Played{});
    return Consumed::Yes;
  }

  void cancel(Cancel) override { sound_.stop(); }

 private:
  void begin() {
    call::Audience audience = runner_.audience();
    if (spec_.to == PlayStep::To::Room) audience.only.reset();
    const auto playing = sound_.play(audience, spec_.prompt, [this](call::PromptEnd how) {
      runner_.finish(Played{how == call::PromptEnd::Failed});
    });
    if (!playing) runner_.finish(Played{true});
    // To the room and not waited for: it is the room's, and ends with it.
    if (playing && spec_.wait == Wait::No) {
      sound_.leave();
      runner_.finish(Played{});
    }
  }

  Runner& runner_;
  const PlayStep& spec_;
  Sound sound_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const PlayStep& spec) {
  return std::make_unique<PlayRun>(runner, spec);
}

}  // namespace sotto::flow
