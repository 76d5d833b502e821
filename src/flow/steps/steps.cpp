#include "flow/steps/steps.h"

#include "flow/runner.h"

namespace sotto::flow {

std::unique_ptr<StepRun> make_step_run(Runner& runner, const Step& step) {
  return std::visit([&runner](const auto& spec) { return make_run(runner, spec); }, step.spec);
}

}  // namespace sotto::flow
