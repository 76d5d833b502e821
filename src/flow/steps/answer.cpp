#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

// What it needs has been done by the runner.
std::unique_ptr<StepRun> make_run(Runner& runner, const AnswerStep&) {
  return instant([&runner] { runner.finish(Reached{}); });
}

}  // namespace sotto::flow
