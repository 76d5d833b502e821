#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

class PauseRun final : public StepRun {
 public:
  PauseRun(Runner& runner, const PauseStep& spec) : runner_(runner), spec_(spec), alarm_(runner.core()) {}

  void start() override {
    alarm_.start(spec_.length, [this] { runner_.finish(Reached{}); });
  }
  void cancel(Cancel) override { alarm_.stop(); }

 private:
  Runner& runner_;
  const PauseStep& spec_;
  Alarm alarm_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const PauseStep& spec) {
  return std::make_unique<PauseRun>(runner, spec);
}

}  // namespace sotto::flow
