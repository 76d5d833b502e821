#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

// RFC 3515 section 2.4.7: the last NOTIFY may be long in coming, or never come.
constexpr milliseconds kNotifyMax{180'000};

class ReferRun final : public StepRun {
 public:
  ReferRun(Runner& runner, const ReferStep& spec)
      : runner_(runner), spec_(spec), core_(runner.core()), alarm_(core_) {}

  void start() override {
    if (!core_.board().refer(runner_.leg(), spec_.target, spec_.headers)) {
      result_.refer_code = 405;
      return runner_.finish(result_);
    }
    alarm_.start(kNotifyMax, [this] { finish(); });
  }

  Consumed on_event(const call::Event& event) override {
    const auto* progress = std::get_if<call::ReferProgress>(&event.what);
    if (progress == nullptr) return Consumed::No;
    if (progress->refer_code != 0) result_.refer_code = progress->refer_code;
    if (progress->notify_code != 0) result_.notify_code = progress->notify_code;
    if (result_.refer_code >= 300 || result_.notify_code >= 200) finish();
    return Consumed::No;
  }

  void cancel(Cancel) override { alarm_.stop(); }
  Outcome outcome_when_gone() const override { return result_; }

 private:
  void finish() {
    alarm_.stop();
    runner_.finish(result_);
    const bool moved = result_.notify_code / 100 == 2;
    const bool asks =
        spec_.ask.document && spec_.ask.when != Asking::Never && spec_.ask.when != Asking::OnFailure;
    // The far side talks elsewhere now; with no document to ask there is nothing more to do here.
    if (moved && !asks) {
      core_.board().hang_up(runner_.leg(), {call::EndCause::Transferred, call::EndedBy::Program, 0, {}});
    }
  }

  Runner& runner_;
  const ReferStep& spec_;
  Core& core_;
  Alarm alarm_;
  Referred result_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const ReferStep& spec) {
  return std::make_unique<ReferRun>(runner, spec);
}

}  // namespace sotto::flow
