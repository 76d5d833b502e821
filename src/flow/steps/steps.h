#pragma once

#include <memory>

#include "flow/step_run.h"

// How each step is made; each in a file of its own name.
namespace sotto::flow {

std::unique_ptr<StepRun> make_run(Runner& runner, const AnswerStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const PlayStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const PauseStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const GatherStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const DialStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const JoinRoomStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const EnqueueStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const LeaveQueueStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const DequeueStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const RecordStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const StopRecordingStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const SendDigitsStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const ReferStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const StreamStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const StopStreamStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const SuperviseStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const HangUpStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const RejectStep& spec);
std::unique_ptr<StepRun> make_run(Runner& runner, const AskStep& spec);

// A step that is over as soon as it has begun.
template <typename Act>
class InstantRun final : public StepRun {
 public:
  explicit InstantRun(Act act) : act_(std::move(act)) {}
  void start() override { act_(); }
  void cancel(Cancel) override {}

 private:
  Act act_;
};

template <typename Act>
std::unique_ptr<StepRun> instant(Act act) {
  return std::make_unique<InstantRun<Act>>(std::move(act));
}

}  // namespace sotto::flow
