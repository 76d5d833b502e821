#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

// Lasts as long as the supervision. Started before the supervisor's phone is up, it waits for that, and gives
// up when the target goes.
class SuperviseRun final : public StepRun, public Watcher {
 public:
  SuperviseRun(Runner& runner, const SuperviseStep& spec)
      : runner_(runner), spec_(spec), core_(runner.core()), watch_(core_, *this) {}

  void start() override {
    if (core_.live(spec_.target) == nullptr) return give_up("target: it has ended");
    watch_.add(key_of(spec_.target));
    const call::Leg* subject = runner_.live();
    if (subject != nullptr && subject->answered()) begin();
  }

  Consumed on_event(const call::Event& event) override {
    if (std::holds_alternative<call::LegAnswered>(event.what)) begin();
    const auto* changed = std::get_if<call::SupervisionChanged>(&event.what);
    if (changed == nullptr || !changed->ended || !began_) return Consumed::No;
    // Followed to another room it ends there and begins here: it is over only if it is gone.
    if (core_.board().supervision_of(runner_.leg())) return Consumed::No;
    runner_.finish(Reached{});
    return Consumed::No;
  }

  void cancel(Cancel) override {
    watch_.clear();
    if (std::exchange(began_, false)) (void)core_.board().end_supervision(runner_.leg());
  }

 private:
  void begin() {
    if (began_) return;
    const auto supervised = core_.board().supervise(
        {runner_.leg(), spec_.target, spec_.mode, spec_.on_target_left, spec_.held_target});
    if (!supervised) return give_up(supervised.error().detail);
    began_ = true;
  }

  void give_up(const std::string& detail) {
    watch_.clear();
    runner_.end({Ending::How::HungUp, {call::EndCause::DriverLeft, call::EndedBy::Platform, 0, detail}});
  }

  Consumed on_watched(const call::Event& event) override {
    if (!began_ && std::holds_alternative<call::LegEnded>(event.what) && event.leg == spec_.target) {
      give_up("target: it has ended");
    }
    return Consumed::No;
  }

  Runner& runner_;
  const SuperviseStep& spec_;
  Core& core_;
  Watch watch_;
  bool began_ = false;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const SuperviseStep& spec) {
  return std::make_unique<SuperviseRun>(runner, spec);
}

}  // namespace sotto::flow
