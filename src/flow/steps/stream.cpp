#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

class StreamRun final : public StepRun, public Watcher {
 public:
  StreamRun(Runner& runner, const StreamStep& spec)
      : runner_(runner), spec_(spec), core_(runner.core()), watch_(core_, *this) {}

  void start() override {
    const call::Leg* leg = core_.live(runner_.leg());
    if (spec_.wait == Wait::No && leg != nullptr && !leg->answered()) return begin_when_answered();
    const auto tap = core_.board().open_stream(runner_.leg(), spec_.spec);
    if (!tap) return runner_.finish(Streamed{true, tap.error().detail});
    if (spec_.wait == Wait::No) {
      core_.slot(runner_.leg()).streams.emplace_back(spec_.spec.name, *tap);
      return runner_.finish(Streamed{});
    }
    tap_ = *tap;
    watch_.add(key_of(*tap));
  }

  void cancel(Cancel) override {
    watch_.clear();
    if (tap_) core_.board().close_stream(*std::exchange(tap_, std::nullopt));
  }

  Outcome outcome_when_gone() const override { return Streamed{}; }

 private:
  void begin_when_answered() {
    const auto begin = [&core = core_, leg = runner_.leg(), spec = spec_.spec] {
      const auto tap = core.board().open_stream(leg, spec);
      if (!tap) return core.warn(leg, "stream", tap.error().detail);
      core.slot(leg).streams.emplace_back(spec.name, *tap);
    };
    core_.slot(runner_.leg()).when_answered.push_back({spec_.spec.name, true, begin});
    runner_.finish(Streamed{});
  }

  Consumed on_watched(const call::Event& event) override {
    const auto* changed = std::get_if<call::StreamChanged>(&event.what);
    if (changed == nullptr || tap_ != changed->tap) return Consumed::No;
    const bool failed = changed->kind == call::StreamChanged::Kind::Failed;
    if (!failed && changed->kind != call::StreamChanged::Kind::Stopped) return Consumed::No;
    watch_.clear();
    tap_.reset();
    runner_.finish(Streamed{failed, changed->detail});
    return Consumed::No;
  }

  Runner& runner_;
  const StreamStep& spec_;
  Core& core_;
  Watch watch_;
  std::optional<call::TapId> tap_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const StreamStep& spec) {
  return std::make_unique<StreamRun>(runner, spec);
}

}  // namespace sotto::flow
