#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

std::unique_ptr<StepRun> make_run(Runner& runner, const LeaveQueueStep&) {
  return instant([&runner] { runner.end({Ending::How::Left, {}}); });
}

}  // namespace sotto::flow
