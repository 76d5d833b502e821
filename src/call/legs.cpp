// Legs: how they come, change state and end.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/rising_id.h"
#include "call/state.h"

namespace sotto::call {
namespace {

struct Row {
  LegState from;
  LegState to;
};
constexpr std::array<Row, 8> kTransitions = {{
    {LegState::Offered, LegState::Answered},
    {LegState::Offered, LegState::Ended},
    {LegState::Dialing, LegState::Ringing},
    {LegState::Dialing, LegState::Answered},
    {LegState::Dialing, LegState::Ended},
    {LegState::Ringing, LegState::Answered},
    {LegState::Ringing, LegState::Ended},
    {LegState::Answered, LegState::Ended},
}};

bool may_become(LegState from, LegState to) {
  return std::any_of(kTransitions.begin(), kTransitions.end(),
                     [&](const Row& row) { return row.from == from && row.to == to; });
}

// What came last counts.
void put_far_headers(Leg& leg, const base::HeaderFields& headers) {
  for (const auto& [name, value] : headers) leg.far_headers.erase(name);
  leg.far_headers.insert(headers.begin(), headers.end());
}

Medium medium_of(const Address& to) {
  if (to.kind == Address::Kind::WebSocket) return Medium::WebSocket;
  return to.kind == Address::Kind::Application ? Medium::Loop : Medium::Sip;
}

}  // namespace

Switchboard::State::LegEntry& Switchboard::State::insert_leg(Leg leg, std::optional<RoomId> room) {
  CHECK(leg.id.valid() && !legs.contains(leg.id));
  leg.created = clock.wall();
  leg.facts.leg = leg.id;
  ++live_by_call[leg.call];
  legs_by_call[leg.call].push_back(leg.id);
  const LegId id = leg.id;
  LegEntry& entry = legs.try_emplace(id, *this, std::move(leg)).first->second;
  RoomEntry* target = room ? find(*room) : nullptr;
  RoomEntry& home = target != nullptr ? *target : make_room({});
  media.open_leg(id, home.room.id);
  enter(entry, home);
  emit(LegCreated{}, &entry.leg);
  return entry;
}

// False if the leg cannot take this step: a late answer, a second end.
bool Switchboard::State::set_state(LegEntry& entry, LegState next) {
  if (!may_become(entry.leg.state, next)) return false;
  entry.leg.state = next;
  if (next == LegState::Ringing) entry.leg.ringing_at = clock.wall();
  if (next == LegState::Answered) {
    entry.leg.answered_at = clock.wall();
    entry.leg.answered_point = clock.now();
  }
  if (next != LegState::Ringing) timers.stop(entry.ring_timer);
  return true;
}

void Switchboard::State::finish(LegEntry& entry, EndReason reason) {
  if (!set_state(entry, LegState::Ended)) return;
  timers.stop(entry.limit_timer);
  entry.leg.ended_at = clock.wall();
  entry.leg.end = reason;
  ended.push_back(entry.leg.id);
  end_taps_of(entry.leg.id);
  leave(entry, false);
  media.close_leg(entry.leg.id);
  emit(LegEnded{std::move(reason)}, &entry.leg);
  const auto call = live_by_call.find(entry.leg.call);
  CHECK(call != live_by_call.end());
  if (--call->second == 0) {
    live_by_call.erase(call);
    emit(CallEnded{}, &entry.leg);
  }
}

void Switchboard::State::on_leg_timer(LegEntry& entry, LegEntry::Timer timer) {
  const bool ring = timer == LegEntry::Ring;
  (ring ? entry.ring_timer : entry.limit_timer) = base::TimerId::None;
  Turn turn(*this);
  const EndReason reason{
      ring ? EndCause::RingTimeout : EndCause::TimeLimit, EndedBy::Platform, ring ? 487 : 0, {}};
  signalling.hang_up(entry.leg.id, reason);
  finish(entry, reason);
}

Result<LegId> Switchboard::dial(NewLeg request) {
  State::Turn turn(*state_);
  if (state_->draining) return fail(ErrorCode::Conflict, "server: it is stopping and takes no new calls");
  if (request.room && state_->find(*request.room) == nullptr)
    return fail(ErrorCode::NotFound, "room: no such room");
  Leg leg;
  leg.id = base::rising_id<LegId>(state_->clock, state_->random);
  leg.direction = Direction::Outbound;
  leg.medium = medium_of(request.to);
  leg.state = LegState::Dialing;
  leg.from = request.from;
  leg.to = request.to;
  leg.headers = request.headers;
  leg.origin = request.origin;
  leg.carrier = request.carrier;
  const Leg* carrier = request.carrier ? this->leg(*request.carrier) : nullptr;
  if (request.carrier && (carrier == nullptr || !carrier->live())) {
    return fail(ErrorCode::Conflict, "carrier: it has ended");
  }
  if (request.call) {
    leg.call = *request.call;
  } else {
    leg.call = carrier != nullptr ? carrier->call : base::rising_id<CallId>(state_->clock, state_->random);
  }
  const LegId id = leg.id;
  DialRequest dial{id,           request.to,       request.from,        request.origin, request.headers,
                   request.user, request.password, request.early_media, request.framing};
  const FarEnd far = state_->signalling.far_end(dial);
  if (far.medium) leg.medium = *far.medium;
  if (!far.extension.empty()) leg.origin.extension = far.extension;
  state_->insert_leg(std::move(leg), request.room);
  state_->signalling.dial(dial);
  CHECK(set_ring_timeout(id, request.ring_timeout).has_value());
  return id;
}

Result<void> Switchboard::progress(LegId leg, Progress progress) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  if ((*entry)->leg.state != LegState::Offered)
    return fail(ErrorCode::Conflict, "leg: not an unanswered inbound leg");
  state_->signalling.progress(leg, progress);
  if (!(*entry)->leg.ringing_at) {
    (*entry)->leg.ringing_at = state_->clock.wall();
    state_->emit(LegRinging{progress == Progress::EarlyMedia}, &(*entry)->leg);
  }
  return {};
}

Result<void> Switchboard::answer(LegId leg) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  if ((*entry)->leg.state != LegState::Offered)
    return fail(ErrorCode::Conflict, "leg: not an unanswered inbound leg");
  state_->signalling.answer(leg);
  state_->set_state(**entry, LegState::Answered);
  state_->emit(LegAnswered{}, &(*entry)->leg);
  return {};
}

void Switchboard::hang_up(LegId leg, EndReason reason) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry == nullptr || !entry->leg.live()) return;
  state_->signalling.hang_up(leg, reason);
  state_->finish(*entry, std::move(reason));
}

Result<void> Switchboard::set_ring_timeout(LegId leg, std::chrono::milliseconds from_now) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  if ((*entry)->leg.state != LegState::Dialing && (*entry)->leg.state != LegState::Ringing) {
    return fail(ErrorCode::Conflict, "leg: it does not ring");
  }
  state_->timers.stop((*entry)->ring_timer);
  (*entry)->ring_timer = state_->timers.start(from_now, **entry, State::LegEntry::Ring);
  return {};
}

Result<void> Switchboard::set_time_limit(LegId leg, std::chrono::seconds from_now) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  state_->timers.stop((*entry)->limit_timer);
  (*entry)->limit_timer = state_->timers.start(from_now, **entry, State::LegEntry::Limit);
  return {};
}

Result<void> Switchboard::set_carrier(LegId leg, std::optional<LegId> carrier) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  if (carrier) {
    const auto other = state_->live(*carrier);
    if (!other) return fail(other.error());
  }
  (*entry)->leg.carrier = carrier;
  return {};
}

Result<void> Switchboard::set_driven(LegId leg, bool driven) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  (*entry)->leg.driven = driven;
  return {};
}

Result<void> Switchboard::set_origin(LegId leg, Origin origin) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  (*entry)->leg.origin = std::move(origin);
  return {};
}

Result<void> Switchboard::refer(LegId leg, const Address& target, const base::HeaderFields& headers) {
  State::Turn turn(*state_);
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  if ((*entry)->leg.medium != Medium::Sip)
    return fail(ErrorCode::Unsupported, "leg: only a SIP leg can be referred");
  state_->signalling.refer(leg, target, headers);
  return {};
}

Result<void> Switchboard::accept_refer(LegId leg) {
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  state_->signalling.accept_refer(leg);
  return {};
}

Result<void> Switchboard::refuse_refer(LegId leg, int sip_code) {
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  state_->signalling.refuse_refer(leg, sip_code);
  return {};
}

Result<void> Switchboard::report_refer(LegId leg, int sip_code) {
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  state_->signalling.report_refer(leg, sip_code);
  return {};
}

void Switchboard::on_offered(OfferedLeg offered) {
  State::Turn turn(*state_);
  Leg leg;
  leg.id = offered.leg;
  leg.call = offered.call ? *offered.call : base::rising_id<CallId>(state_->clock, state_->random);
  leg.direction = Direction::Inbound;
  leg.state = LegState::Offered;
  leg.from = std::move(offered.from);
  leg.to = std::move(offered.to);
  leg.origin = std::move(offered.origin);
  leg.headers = std::move(offered.headers);
  leg.forwarded_from = std::move(offered.forwarded_from);
  leg.sip_call_id = std::move(offered.sip_call_id);
  leg.sip_domain = std::move(offered.sip_domain);
  leg.sip_source_ip = std::move(offered.sip_source_ip);
  State::LegEntry& entry = state_->insert_leg(std::move(leg), std::nullopt);
  if (!state_->draining) return;
  const EndReason reason{EndCause::ServerStopped, EndedBy::Platform, 503, "the server is stopping"};
  state_->signalling.hang_up(entry.leg.id, reason);
  state_->finish(entry, reason);
}

void Switchboard::on_ringing(LegId leg, bool early_media) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry == nullptr || !entry->leg.live()) return;
  const bool first = state_->set_state(*entry, LegState::Ringing);
  if (first || (early_media && entry->leg.state == LegState::Ringing)) {
    state_->emit(LegRinging{early_media}, &entry->leg);
  }
}

void Switchboard::on_invited(LegId leg, std::string sip_call_id) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry != nullptr && entry->leg.live()) entry->leg.sip_call_id = std::move(sip_call_id);
}

void Switchboard::on_answered(LegId leg, const base::HeaderFields& headers) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry == nullptr || entry->leg.direction != Direction::Outbound) return;
  put_far_headers(entry->leg, headers);
  if (state_->set_state(*entry, LegState::Answered)) state_->emit(LegAnswered{}, &entry->leg);
}

void Switchboard::on_ended(LegId leg, EndReason reason, const base::HeaderFields& headers) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry == nullptr || !entry->leg.live()) return;
  put_far_headers(entry->leg, headers);
  state_->finish(*entry, std::move(reason));
}

void Switchboard::on_far_hold(LegId leg, bool on) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry == nullptr || !entry->leg.live() || entry->leg.far_hold == on) return;
  entry->leg.far_hold = on;
  state_->emit(FarHold{on}, &entry->leg);
}

void Switchboard::on_digit(LegId leg, char digit, std::chrono::milliseconds length) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry != nullptr && entry->leg.live()) state_->emit(DigitReceived{digit, length}, &entry->leg);
}

void Switchboard::on_refer_asked(LegId leg, const Address& target, std::optional<LegId> replaces) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry != nullptr && entry->leg.live()) state_->emit(ReferAsked{target, replaces}, &entry->leg);
}

void Switchboard::on_refer_progress(LegId leg, int refer_code, int notify_code) {
  State::Turn turn(*state_);
  State::LegEntry* entry = state_->find(leg);
  if (entry != nullptr && entry->leg.live())
    state_->emit(ReferProgress{refer_code, notify_code}, &entry->leg);
}

void Switchboard::on_media_lost(LegId leg) {
  hang_up(leg, EndReason{EndCause::MediaLost, EndedBy::Platform, 0, "no audio came for the watchdog's time"});
}

}  // namespace sotto::call
