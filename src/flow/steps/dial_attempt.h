#pragma once

#include <memory>
#include <optional>

#include "flow/runner.h"
#include "flow/step.h"

// One destination of a dial: from the first ring over its screening to the talk. Private to the dial step.
namespace sotto::flow {

class Attempt;

class AttemptOwner {
 public:
  virtual ~AttemptOwner() = default;
  virtual void on_attempt_ringing(Attempt& attempt, bool early_media) = 0;
  virtual void on_attempt_answered(Attempt& attempt) = 0;  // before digits, verdict and screening
  virtual void on_attempt_accepted(Attempt& attempt) = 0;
  virtual void on_attempt_over(Attempt& attempt) = 0;  // ended, declined or taken away
  virtual Consumed on_attempt_refer(Attempt& attempt, const call::ReferAsked& asked) = 0;
};

class Attempt final : public Watcher, public RunnerOwner, public Carrier {
 public:
  enum class State { New, Ringing, SendingDigits, AwaitingVerdict, InScreening, Talking, Over };

  Attempt(Core& core, LegId parent, const Destination& destination, size_t depth, AttemptOwner& owner);
  ~Attempt() override;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  struct Ring {
    call::Address from;
    milliseconds timeout{0};
    std::optional<RoomId> relay_to;  // the room that hears its early media
  };
  // False: it could not even be tried, and is over.
  bool ring(const Ring& how);
  // Takes a leg that is up already; it accepts at once, by on_attempt_accepted() from the caller's own call.
  void adopt(LegId leg);
  void join(RoomId room);                 // accepted: into the talk
  void release(EndReason reason);         // hangs up; on_attempt_over() is not called
  void leave_alone();                     // lets go of the leg without ending it
  void say_goodbye(call::Speech notice);  // its caller is gone: hears one sentence, then ends

  State state() const { return state_; }
  bool over() const { return state_ == State::Over; }
  bool answered() const { return answered_; }
  bool screening() const {
    return state_ == State::SendingDigits || state_ == State::AwaitingVerdict || state_ == State::InScreening;
  }
  bool rang() const { return rang_; }
  bool taken() const { return taken_; }
  bool relayed() const { return relayed_; }
  bool early_media() const { return early_media_; }
  std::optional<LegId> leg() const { return leg_; }
  const Destination& destination() const { return destination_; }
  const std::optional<EndReason>& end() const { return end_; }

  Consumed on_watched(const call::Event& event) override;
  void on_runner_ended(Runner& runner, const Ending& ending) override;
  void on_taken(LegId leg) override;

 private:
  void on_answered();
  void after_digits();
  void screen();
  Consumed on_digit(char digit);
  void on_verdict(const call::MachineVerdict& verdict);
  void accept();
  void decline();
  void become_over(EndReason reason);
  void let_go();

  Core& core_;
  const LegId parent_;
  const Destination& destination_;
  const size_t depth_;
  AttemptOwner& owner_;

  State state_ = State::New;
  std::optional<LegId> leg_;
  std::optional<EndReason> end_;
  bool rang_ = false;
  bool answered_ = false;
  bool relayed_ = false;  // a member of the dialling room, heard only
  bool early_media_ = false;
  bool taken_ = false;
  bool key_pressed_ = false;
  std::unique_ptr<Runner> screening_;
  Alarm alarm_;
  Watch watch_;
};

}  // namespace sotto::flow
