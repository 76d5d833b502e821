// Rooms: who is where, and the facts from which plans are derived.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "base/rising_id.h"
#include "call/state.h"

namespace sotto::call {
Switchboard::State::RoomEntry& Switchboard::State::make_room(RoomOptions options) {
  RoomEntry entry;
  entry.room.id = base::rising_id<RoomId>(clock, random);
  entry.room.options = std::move(options);
  entry.room.created = clock.wall();
  entry.room.plan.room = entry.room.id;
  const RoomId id = entry.room.id;
  if (!entry.room.options.name.empty()) room_names[entry.room.options.name] = id;
  return rooms.emplace(id, std::move(entry)).first->second;
}

// The room's plan must be derived anew before this turn is over.
void Switchboard::State::touch(RoomEntry& entry, std::string_view cause) {
  if (!entry.dirty) dirty_rooms.push_back(entry.room.id);
  entry.dirty = true;
  if (entry.cause.empty()) entry.cause = cause;
}

void Switchboard::State::enter(LegEntry& entry, RoomEntry& room) {
  entry.leg.room = room.room.id;
  room.room.members.push_back(entry.leg.id);
  retap(room);
  touch(room, "join");
}

void Switchboard::State::leave(LegEntry& entry, bool moving) {
  const RoomId from = entry.leg.room;
  RoomEntry* room = find(from);
  CHECK(room != nullptr);
  end_prompts_of(entry.leg.id, from);
  drop_supervision(entry.leg.id);
  std::erase(room->room.members, entry.leg.id);
  retap(*room);
  touch(*room, "leave");
  if (moving) return;
  target_left(entry.leg.id, from, std::nullopt);
  close_if_empty(from);
}

// The leg's recordings, streams and recognisers go along: their taps are the leg's, and retap() finds them by
// it.
void Switchboard::State::transfer(LegEntry& entry, RoomEntry& to) {
  const RoomId from = entry.leg.room;
  if (from == to.room.id) return;
  leave(entry, true);
  media.move_leg(entry.leg.id, from, to.room.id);
  enter(entry, to);
  restart_inflows(entry);
  emit(MemberLeft{from}, &entry.leg, from);
  emit(LegMoved{from, to.room.id}, &entry.leg);
  emit(MemberJoined{to.room.id}, &entry.leg);
  target_left(entry.leg.id, from, to.room.id);
  close_if_empty(from);
}

void Switchboard::State::close_if_empty(RoomId id) {
  RoomEntry* entry = find(id);
  if (entry == nullptr || entry->kept || !entry->room.members.empty()) return;
  end_prompts_in(id);
  end_recordings_in(id);
  emit(RoomEnded{id, std::nullopt}, nullptr, id);
  media.close_room(id);
  if (!entry->room.options.name.empty()) room_names.erase(entry->room.options.name);
  sent.erase(sent.lower_bound({id, 0}), sent.upper_bound({id, entry->revision}));
  rooms.erase(id);
}

hearing::Facts Switchboard::State::facts_of(const Room& room) const {
  hearing::Facts facts;
  facts.room = room.id;
  for (const LegId id : room.members) facts.members.push_back(legs.at(id).leg.facts);
  facts.supervisions = room.supervisions;
  facts.prompts = room.prompts;
  facts.taps = room.taps;
  return facts;
}

bool Switchboard::State::set_fact(LegEntry& entry, hearing::Member changed, std::string_view cause) {
  const hearing::Member before = entry.leg.facts;
  if (before == changed) return false;
  entry.leg.facts = std::move(changed);
  RoomEntry* room = find(entry.leg.room);
  CHECK(room != nullptr);
  touch(*room, cause);
  emit(FactsChanged{before}, &entry.leg);
  return true;
}

RoomId Switchboard::create_room(RoomOptions options) {
  State::Turn turn(*state_);
  if (const Room* existing = options.name.empty() ? nullptr : room_named(options.name)) return existing->id;
  State::RoomEntry& entry = state_->make_room(std::move(options));
  entry.kept = true;
  return entry.room.id;
}

void Switchboard::keep_room(RoomId room, bool keep) {
  State::Turn turn(*state_);
  State::RoomEntry* entry = state_->find(room);
  if (entry == nullptr) return;
  entry->kept = keep;
  state_->close_if_empty(room);
}

Result<void> Switchboard::watch_speakers(RoomId room) {
  if (state_->find(room) == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  state_->media.watch_speakers(room);
  return {};
}

void Switchboard::on_speaker(RoomId room, std::optional<LegId> speaker) {
  State::Turn turn(*state_);
  if (state_->find(room) == nullptr) return;
  const Leg* leg = speaker ? this->leg(*speaker) : nullptr;
  if (speaker && (leg == nullptr || leg->room != room)) return;  // it has left meanwhile
  state_->emit(SpeakerChanged{room}, leg, room);
}

Result<void> Switchboard::move(LegId leg, RoomId to) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  State::RoomEntry* room = state_->find(to);
  if (room == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  const size_t limit =
      room->room.options.legs_max == 0 ? base::limits::kRoomLegsMax : room->room.options.legs_max;
  const bool there = (*entry)->leg.room == to;
  if (!there && room->room.members.size() >= std::min(limit, base::limits::kRoomLegsMax)) {
    return fail(ErrorCode::Exhausted, "room: it is full");
  }
  state_->transfer(**entry, *room);
  return {};
}

Result<RoomId> Switchboard::isolate(LegId leg) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  const State::RoomEntry* now = state_->find((*entry)->leg.room);
  if (now->room.members.size() == 1 && now->room.options.name.empty() && !now->kept) return now->room.id;
  State::RoomEntry& fresh = state_->make_room({});
  const RoomId id = fresh.room.id;
  state_->transfer(**entry, fresh);
  return id;
}

Result<void> Switchboard::start_room(RoomId room) {
  State::Turn turn(*state_);
  State::RoomEntry* entry = state_->find(room);
  if (entry == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  if (entry->room.started) return {};
  entry->room.started = true;
  state_->emit(RoomStarted{room}, nullptr, room);
  for (const LegId member : std::vector<LegId>(entry->room.members)) {
    State::LegEntry& leg = state_->legs.at(member);
    hearing::Member facts = leg.leg.facts;
    facts.waiting = false;
    state_->set_fact(leg, std::move(facts), "start");
  }
  return {};
}

Result<void> Switchboard::set_unstarted(RoomId room) {
  State::RoomEntry* entry = state_->find(room);
  if (entry == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  if (!entry->room.members.empty()) return fail(ErrorCode::Conflict, "room: it has members");
  entry->room.started = false;
  return {};
}

Result<void> Switchboard::end_room(RoomId room, EndReason reason) {
  State::Turn turn(*state_);
  State::RoomEntry* entry = state_->find(room);
  if (entry == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  for (const LegId member : std::vector<LegId>(entry->room.members)) hang_up(member, reason);
  return {};
}

template <typename Change>
Result<void> Switchboard::change(LegId leg, std::string_view cause, Change&& change) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  hearing::Member facts = (*entry)->leg.facts;
  change(facts);
  state_->set_fact(**entry, std::move(facts), cause);
  return {};
}

Result<void> Switchboard::mute(LegId leg, bool on) {
  return change(leg, on ? "mute" : "unmute", [on](hearing::Member& facts) { facts.muted = on; });
}

Result<void> Switchboard::earmuff(LegId leg, bool on) {
  return change(leg, on ? "earmuff" : "unearmuff", [on](hearing::Member& facts) { facts.earmuffed = on; });
}

Result<void> Switchboard::hold(LegId leg, bool on) {
  return change(leg, on ? "hold" : "unhold", [on](hearing::Member& facts) { facts.held = on; });
}

Result<void> Switchboard::set_waiting(LegId leg, bool on) {
  return change(leg, on ? "wait" : "start", [on](hearing::Member& facts) { facts.waiting = on; });
}

Result<void> Switchboard::set_source_only(LegId leg, bool on) {
  return change(leg, on ? "early media" : "bridge", [on](hearing::Member& facts) { facts.source_only = on; });
}

Result<void> Switchboard::set_can_speak(LegId leg, std::optional<hearing::LegSet> listeners) {
  if (listeners) std::sort(listeners->begin(), listeners->end());
  return change(leg, "limit", [&](hearing::Member& facts) { facts.can_speak = std::move(listeners); });
}

Result<void> Switchboard::set_can_hear(LegId leg, std::optional<hearing::LegSet> speakers) {
  if (speakers) std::sort(speakers->begin(), speakers->end());
  return change(leg, "limit", [&](hearing::Member& facts) { facts.can_hear = std::move(speakers); });
}

}  // namespace sotto::call
