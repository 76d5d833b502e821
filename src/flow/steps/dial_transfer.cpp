#include "flow/steps/dial_transfer.h"

namespace sotto::flow {

Transfer::Transfer(Core& core, Parties parties, const call::Address& target, size_t depth,
                   TransferOwner& owner)
    : core_(core), parties_(parties), depth_(depth), owner_(owner), ringback_(core) {
  destination_.to = target;
  destination_.screening.accept = Accept::AnyAnswer;
}

void Transfer::start(const call::Address& from, milliseconds timeout, const call::PromptSpec& ringback) {
  (void)core_.board().hold(parties_.by, true);
  if (const call::Leg* left = core_.live(parties_.left)) {
    (void)ringback_.play({left->room, parties_.left}, ringback, nullptr);
  }
  attempt_ = std::make_unique<Attempt>(core_, parties_.parent, destination_, depth_, *this);
  if (!attempt_->ring({from, timeout, std::nullopt})) on_attempt_over(*attempt_);
}

void Transfer::cancel() {
  ringback_.stop();
  if (attempt_ != nullptr) {
    attempt_->release({call::EndCause::Cancelled, call::EndedBy::OtherLeg, 487, {}});
  }
  (void)core_.board().hold(parties_.by, false);
}

void Transfer::on_attempt_accepted(Attempt&) {
  ringback_.stop();
  (void)core_.board().hold(parties_.by, false);
  (void)core_.board().report_refer(parties_.by, 200);
  // The one made here is only a proxy for the leg: the dial adopts the leg anew.
  owner_.on_transfer_made(std::move(attempt_));
}

void Transfer::on_attempt_over(Attempt& attempt) {
  ringback_.stop();
  const int code = attempt.end() && attempt.end()->sip_code >= 300 ? attempt.end()->sip_code : 503;
  (void)core_.board().report_refer(parties_.by, code);
  (void)core_.board().hold(parties_.by, false);
  owner_.on_transfer_failed();
}

}  // namespace sotto::flow
