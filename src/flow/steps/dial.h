#pragma once

#include <memory>
#include <vector>

#include "flow/steps/dial_attempt.h"
#include "flow/steps/dial_transfer.h"

// Dials, screens, and joins the first who accepts. While it runs, the caller's room is his own, with at most
// one callee in it: the one whose early media is relayed, or the one he talks with.
namespace sotto::flow {

class DialRun final : public StepRun, public AttemptOwner, public TransferOwner {
 public:
  DialRun(Runner& runner, const DialStep& spec);
  ~DialRun() override;

  void start() override;
  Consumed on_event(const call::Event& event) override;
  void cancel(Cancel why) override;
  Outcome outcome_when_gone() const override;

  // For the engine. Refused if somebody talks already. A callee of this dial is accepted as he is.
  Result<void> pick_up(LegId leg);
  bool rings(LegId leg) const { return find(leg) != nullptr; }
  bool talking() const { return talk_ != nullptr; }
  std::optional<LegId> callee() const;

 private:
  void on_attempt_ringing(Attempt& attempt, bool early_media) override;
  void on_attempt_answered(Attempt& attempt) override;
  void on_attempt_accepted(Attempt& attempt) override;
  void on_attempt_over(Attempt& attempt) override;
  Consumed on_attempt_refer(Attempt& attempt, const call::ReferAsked& asked) override;
  void on_transfer_made(std::unique_ptr<Attempt> made) override;
  void on_transfer_failed() override;

  Attempt* find(LegId leg) const;
  bool ring(const Destination& destination);
  bool ring_next();
  void ring_all();
  std::optional<RoomId> relay_room() const;
  void update_ringback();
  std::optional<call::PromptSpec> wanted_ringback() const;
  void start_recording();
  void release_all(const EndReason& reason, const Attempt* but);
  void leave_screened();
  void join(Attempt& attempt);
  void on_callee_left(Attempt& attempt);
  void drop_callee(const EndReason& reason);
  Consumed on_refer(LegId by, LegId left, const call::ReferAsked& asked);
  void ask_for_transfer(LegId by, LegId left, const call::ReferAsked& asked);
  void finish_transfer_alone(LegId left, const call::Address& target);
  void hand_over(LegId by, LegId left, LegId next);
  Attempt& add_attempt(const Destination& destination);
  void finish(DialStatus status);
  DialStatus best_failure() const;
  void refuse_caller(DialStatus status);
  Dialled result(DialStatus status) const;

  Runner& runner_;
  const DialStep& spec_;
  Core& core_;
  const LegId parent_;
  const Destination adopted_;  // where a leg came by another way than by dialling

  std::vector<std::unique_ptr<Attempt>> attempts_;
  size_t next_ = 0;             // of the destinations, in turn
  Attempt* talk_ = nullptr;     // the one in the talk
  Attempt* bridged_ = nullptr;  // the one that was in it last
  base::TimePoint bridged_at_;
  milliseconds talked_{0};
  bool over_ = false;
  std::optional<call::RecordingId> recording_;
  Sound ringback_;
  std::optional<call::PromptSpec> ringing_with_;
  Alarm talk_max_;
  std::unique_ptr<Transfer> transfer_;
  std::unique_ptr<Transfer> old_transfer_;  // kept while its call into this step may still return to it
  std::unique_ptr<Attempt> spent_;
  Request refer_request_;
};

}  // namespace sotto::flow
