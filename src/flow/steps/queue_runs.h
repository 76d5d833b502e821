#pragma once

#include <memory>

#include "flow/runner.h"
#include "flow/step.h"

// The two sides of a queue: who waits in it, and who takes him out. Each knows the other while they belong
// together, and says so when it goes.
namespace sotto::flow {

class DequeueRun;

class EnqueueRun final : public StepRun, public RunnerOwner {
 public:
  EnqueueRun(Runner& runner, const EnqueueStep& spec);
  ~EnqueueRun() override;

  void start() override;
  void cancel(Cancel why) override;
  Outcome outcome_when_gone() const override;

  LegId leg() const { return runner_.leg(); }
  const EnqueueStep& spec() const { return spec_; }
  call::WallTime since() const { return since_; }
  milliseconds waited() const;
  bool taken() const { return taker_ != nullptr; }

  // From the taker: on_ready() follows, after `before_bridge` has run on this leg.
  void give_to(DequeueRun& taker, const DocumentRef& before_bridge);
  bool join(RoomId room);  // false: he cannot be moved there
  void give_back();        // the taker went before they were joined
  void talk_over();
  void fail_to_join();

 private:
  void on_runner_ended(Runner& runner, const Ending& ending) override;
  void ask_wait();
  void wait_again();
  void stop_waiting();
  void tell_redirected();
  void leave(LeftQueue::Why why);
  LeftQueue result(LeftQueue::Why why) const;

  Runner& runner_;
  const EnqueueStep& spec_;
  Core& core_;
  enum class State { New, Waiting, Preparing, Talking, Over } state_ = State::New;
  DequeueRun* taker_ = nullptr;
  std::optional<LegId> taken_by_;
  call::WallTime since_;
  base::TimePoint began_;
  std::optional<milliseconds> waited_;
  int round_ = 0;
  base::TimePoint asked_;
  std::unique_ptr<Runner> nested_;  // the wait program, or what runs before the bridge
  Sound music_;
  Alarm again_;
};

class DequeueRun final : public StepRun {
 public:
  DequeueRun(Runner& runner, const DequeueStep& spec);

  void start() override;
  void cancel(Cancel why) override;
  Outcome outcome_when_gone() const override { return result(); }

  LegId leg() const { return runner_.leg(); }
  const DequeueStep& spec() const { return spec_; }

  void take(EnqueueRun& waiting);  // from the queue
  void on_ready();                 // the one taken may be joined now
  void on_gone();                  // the one taken has left

 private:
  void let_go();
  void finish();
  Dequeued result() const;

  Runner& runner_;
  const DequeueStep& spec_;
  Core& core_;
  bool over_ = false;
  EnqueueRun* taken_ = nullptr;
  Dequeued result_;
  std::optional<base::TimePoint> bridged_at_;
  Sound ringback_;
  Alarm alarm_;
};

}  // namespace sotto::flow
