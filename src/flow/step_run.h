#pragma once

#include <memory>

#include "flow/core.h"
#include "flow/step.h"

namespace sotto::flow {

class Runner;

enum class Cancel {
  Gone,      // the subject has ended
  Replaced,  // another program takes its place
  Over,      // what it was nested in is over
};

// One step while it runs. Made, started once, and destroyed by its runner; it ends by Runner::finish() or
// Runner::end(), or is cancelled. After either, nothing of it is called but its destructor.
class StepRun {
 public:
  virtual ~StepRun() = default;
  virtual void start() = 0;
  virtual Consumed on_event(const call::Event& event);  // what concerns the runner's subject
  // Lets go of everything it holds, in any state.
  virtual void cancel(Cancel why) = 0;
  // What is told and noted when the subject has gone; asked after cancel(Cancel::Gone).
  virtual Outcome outcome_when_gone() const;
};

std::unique_ptr<StepRun> make_step_run(Runner& runner, const Step& step);

}  // namespace sotto::flow
