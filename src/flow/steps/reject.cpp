#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

// On an answered leg there is nothing left to reject: it is hung up, with the same reason.
std::unique_ptr<StepRun> make_run(Runner& runner, const RejectStep& spec) {
  return instant([&runner, &spec] { runner.end({Ending::How::HungUp, spec.reason}); });
}

}  // namespace sotto::flow
