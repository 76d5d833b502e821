#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

// An empty tag stops them all.
std::unique_ptr<StepRun> make_run(Runner& runner, const StopRecordingStep& spec) {
  return instant([&runner, &spec] {
    Core& core = runner.core();
    std::erase_if(core.slot(runner.leg()).recordings, [&](const auto& item) {
      if (!spec.tag.empty() && item.first != spec.tag) return false;
      core.board().stop_recording(item.second);
      return true;
    });
    std::erase_if(core.slot(runner.leg()).when_answered, [&](const auto& item) {
      return !item.stream && (spec.tag.empty() || item.name == spec.tag);
    });
    runner.finish(Reached{});
  });
}

}  // namespace sotto::flow
