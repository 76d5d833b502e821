#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

std::unique_ptr<StepRun> make_run(Runner& runner, const HangUpStep& spec) {
  return instant([&runner, &spec] { runner.end({Ending::How::HungUp, spec.reason}); });
}

}  // namespace sotto::flow
