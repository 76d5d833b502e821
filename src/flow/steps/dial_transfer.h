#pragma once

#include <memory>

#include "flow/steps/dial_attempt.h"

// A blind transfer on its way: the party that is left hears ringing while the target is called, and who asked
// for it waits, to be told how it went or to come back. Private to the dial step.
namespace sotto::flow {

class TransferOwner {
 public:
  virtual ~TransferOwner() = default;
  virtual void on_transfer_made(std::unique_ptr<Attempt> made) = 0;  // the target is up
  virtual void on_transfer_failed() = 0;
};

class Transfer final : public AttemptOwner {
 public:
  struct Parties {
    LegId parent;  // of the dial
    LegId by;
    LegId left;
  };
  Transfer(Core& core, Parties parties, const call::Address& target, size_t depth, TransferOwner& owner);

  void start(const call::Address& from, milliseconds timeout, const call::PromptSpec& ringback);
  void cancel();
  const Parties& parties() const { return parties_; }
  const call::Address& target() const { return destination_.to; }

 private:
  void on_attempt_ringing(Attempt&, bool) override {}
  void on_attempt_answered(Attempt&) override {}
  void on_attempt_accepted(Attempt& attempt) override;
  void on_attempt_over(Attempt& attempt) override;
  Consumed on_attempt_refer(Attempt&, const call::ReferAsked&) override { return Consumed::No; }

  Core& core_;
  const Parties parties_;
  const size_t depth_;
  TransferOwner& owner_;
  Destination destination_;
  std::unique_ptr<Attempt> attempt_;
  Sound ringback_;
};

}  // namespace sotto::flow
