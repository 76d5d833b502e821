#pragma once

#include <memory>

#include "flow/runner.h"
#include "flow/step.h"

namespace sotto::flow {

// One leg in a named room.
class JoinRoomRun final : public StepRun, public RunnerOwner {
 public:
  JoinRoomRun(Runner& runner, const JoinRoomStep& spec);
  ~JoinRoomRun() override;

  void start() override;
  Consumed on_event(const call::Event& event) override;
  void cancel(Cancel why) override;
  Outcome outcome_when_gone() const override;

  // From the conference.
  LegId leg() const { return runner_.leg(); }
  const JoinRoomStep& spec() const { return spec_; }
  void on_started();
  void on_ended(const EndReason& reason);
  void set_lonely(bool lonely);

  void remove() { leave(LeftRoom::Why::Removed); }
  bool beeps_on_exit() const { return beep_on_exit_; }

  // From the engine. Another sound is heard at once by one who waits.
  void set_wait(Heard sound);
  void set_beep_on_exit(bool on) { beep_on_exit_ = on; }

 private:
  void on_runner_ended(Runner& runner, const Ending& ending) override;
  bool waits() const;
  void begin_waiting();
  void end_waiting();
  void on_waited_too_long();
  void clear_facts();
  void leave(LeftRoom::Why why);

  Runner& runner_;
  const JoinRoomStep& spec_;
  Core& core_;
  std::optional<RoomId> room_;
  RoomId last_room_;
  Heard wait_sound_;
  bool beep_on_exit_;
  std::unique_ptr<Runner> wait_;
  Sound music_;
  Alarm time_max_;
  Alarm lonely_;
};

}  // namespace sotto::flow
