#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

// An empty name stops them all.
std::unique_ptr<StepRun> make_run(Runner& runner, const StopStreamStep& spec) {
  return instant([&runner, &spec] {
    Core& core = runner.core();
    std::erase_if(core.slot(runner.leg()).streams, [&](const auto& item) {
      if (!spec.name.empty() && item.first != spec.name) return false;
      core.board().close_stream(item.second);
      return true;
    });
    std::erase_if(core.slot(runner.leg()).when_answered, [&](const auto& item) {
      return item.stream && (spec.name.empty() || item.name == spec.name);
    });
    runner.finish(Reached{});
  });
}

}  // namespace sotto::flow
