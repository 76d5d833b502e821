#include "dialect/voipnow/rings.h"

#include <algorithm>

#include "dialect/voipnow/name.h"
#include "dialect/voipnow/programs.h"
#include "dialect/voipnow/render.h"

namespace sotto::voipnow {
namespace {

const call::EndReason kNothingLeft{call::EndCause::Cancelled, call::EndedBy::Platform, 487, {}};
const call::EndReason kElsewhere{call::EndCause::AnsweredElsewhere, call::EndedBy::OtherLeg, 0, {}};

}  // namespace

// Within the caller's batch: the book knows what the leg is for before it hears of it.
Result<call::LegId> Rings::dial(const RingOrder& order, Reservation reservation) {
  call::NewLeg request;
  request.to = {base::Address::Kind::Phone, order.extension, {}};
  request.from = shown_on_phone(order.caller_id);
  request.origin = {base::to_hex(order.account), {}, std::string(kName), order.extension};
  request.call = order.call;
  request.early_media = false;
  request.ring_timeout = order.wait;
  auto leg = services_.switchboard.dial(std::move(request));
  if (leg) book_.reserve(*leg, std::move(reservation));
  return leg;
}

Result<RingResult> Rings::supervise(const RingOrder& order, call::LegId target,
                                    hearing::SupervisionMode mode) {
  const call::Switchboard::Batch batch(services_.switchboard);
  auto leg = dial(order, {Reservation::Kind::Supervisor, order.extension, {}});
  if (!leg) return fail(leg.error());
  flow::SuperviseStep step;
  step.target = target;
  step.mode = mode;
  if (auto run = services_.flow.run(*leg, make_program({{step, flow::Needs::Nothing}})); !run) {
    services_.switchboard.hang_up(*leg, kNothingLeft);
    return fail(run.error());
  }
  const RingResult result = dialect::make_one_shot<RingOutcome>(services_);
  rings_[*leg] = {result, {}};
  return result;
}

Result<RingResult> Rings::succeed(const RingOrder& order, Succession succession) {
  const call::Switchboard::Batch batch(services_.switchboard);
  auto leg = dial(order, {Reservation::Kind::Successor, order.extension, {}});
  if (!leg) return fail(leg.error());
  const RingResult result = dialect::make_one_shot<RingOutcome>(services_);
  rings_[*leg] = {result, std::move(succession)};
  return result;
}

void Rings::race(const std::vector<call::LegId>& legs) {
  if (legs.size() < 2) return;
  for (const call::LegId leg : legs) races_[leg] = legs;
}

void Rings::on_event(const call::Event& event) {
  if (std::holds_alternative<call::LegAnswered>(event.what)) return on_answered(event.leg);
  if (std::holds_alternative<call::LegEnded>(event.what)) return on_ended(event.leg);
  const auto* changed = std::get_if<call::SupervisionChanged>(&event.what);
  if (changed == nullptr || changed->ended) return;
  const auto it = rings_.find(event.leg);
  if (it == rings_.end()) return;
  it->second.result->set(RingOutcome::Joined);
  rings_.erase(it);
}

void Rings::on_answered(call::LegId leg) {
  if (const auto it = races_.find(leg); it != races_.end()) {
    const std::vector<call::LegId> all = it->second;
    for (const call::LegId other : all) {
      races_.erase(other);
      if (other != leg) services_.switchboard.hang_up(other, kElsewhere);
    }
  }
  cancel_those(leg, &Succession::cancelled_by);
  const auto it = rings_.find(leg);
  if (it == rings_.end() || !it->second.succession.taken) return;
  const Ring ring = std::move(it->second);
  rings_.erase(it);
  const auto taken = ring.succession.taken(leg);
  if (!taken) services_.switchboard.hang_up(leg, kNothingLeft);
  ring.result->set(taken ? RingOutcome::Joined : RingOutcome::NotJoined);
}

void Rings::on_ended(call::LegId leg) {
  races_.erase(leg);
  cancel_those(leg, &Succession::watched);
  const auto it = rings_.find(leg);
  if (it == rings_.end()) return;
  it->second.result->set(RingOutcome::NotJoined);
  rings_.erase(it);
}

void Rings::cancel_those(call::LegId because, std::vector<call::LegId> Succession::*list) {
  std::vector<call::LegId> cancelled;
  for (const auto& [leg, ring] : rings_) {
    const auto& legs = ring.succession.*list;
    if (std::find(legs.begin(), legs.end(), because) != legs.end()) cancelled.push_back(leg);
  }
  for (const call::LegId leg : cancelled) services_.switchboard.hang_up(leg, kNothingLeft);
}

}  // namespace sotto::voipnow
