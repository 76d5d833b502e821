#pragma once

#include "call/end_reason.h"

namespace sotto::flow {

class Runner;

// How a program came to its end.
struct Ending {
  enum class How {
    Ended,   // no further step
    HungUp,  // a step that hangs up or rejects
    Left,    // a step that leaves the queue
    Failed,  // no document, or one that is not valid here
  } how = How::Ended;
  call::EndReason reason;
};

class RunnerOwner {
 public:
  virtual ~RunnerOwner() = default;
  // Once, at most; not after cancel(), nor when its subject has gone.
  virtual void on_runner_ended(Runner& runner, const Ending& ending) = 0;
};

}  // namespace sotto::flow
