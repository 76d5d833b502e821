#include "flow/conferences.h"

#include <algorithm>

#include "flow/steps/join_room.h"

namespace sotto::flow {

Result<RoomId> Conferences::enter(JoinRoomRun& member) {
  call::Switchboard& board = core_.board();
  const JoinRoomStep& spec = member.spec();
  const call::Room* existing = board.room_named(spec.room);
  const RoomId room =
      existing != nullptr ? existing->id : board.create_room({spec.room, false, spec.legs_max});
  if (existing == nullptr) (void)board.set_unstarted(room);
  auto& members = members_[room];
  const bool full = spec.legs_max != 0 && members.size() >= spec.legs_max;
  const auto admitted =
      full ? Result<void>(fail(ErrorCode::Exhausted, "room: it is full")) : admit(member, room);
  if (existing == nullptr) board.keep_room(room, false);
  if (!admitted) {
    if (members_[room].empty()) members_.erase(room);
    return fail(admitted.error());
  }
  members.push_back(&member);
  start_if_due(room);
  if (spec.beep_on_enter) beep(room);
  tell_lonely(room);
  return room;
}

// His facts are set before he enters, so that no plan ever holds him otherwise.
Result<void> Conferences::admit(JoinRoomRun& member, RoomId room) {
  call::Switchboard& board = core_.board();
  const JoinRoomStep& spec = member.spec();
  const LegId leg = member.leg();
  if (spec.muted) (void)board.mute(leg, true);
  if (spec.can_speak) (void)board.set_can_speak(leg, spec.can_speak);
  if (spec.can_hear) (void)board.set_can_hear(leg, spec.can_hear);
  if (!spec.coach) {
    if (!board.room(room)->started) (void)board.set_waiting(leg, true);
    return board.move(leg, room);
  }
  const call::Leg* target = core_.live(spec.coach->target);
  if (target == nullptr || target->room != room) {
    return fail(ErrorCode::NotFound, "coach: the one to be coached is not in the room");
  }
  return board.supervise(
      {leg, spec.coach->target, spec.coach->mode, spec.coach->on_target_left, spec.coach->held_target});
}

void Conferences::start_if_due(RoomId room) {
  const call::Room* now = core_.board().room(room);
  const auto it = members_.find(room);
  if (now == nullptr || now->started || it == members_.end()) return;
  const auto voices = static_cast<size_t>(std::count_if(
      it->second.begin(), it->second.end(), [](JoinRoomRun* each) { return !each->spec().coach; }));
  const size_t heard = voices + ringing_in(room);
  const bool due = std::any_of(it->second.begin(), it->second.end(), [heard](JoinRoomRun* each) {
    return each->spec().start_on_enter && !each->spec().coach && heard >= each->spec().starts_with;
  });
  if (!due) return;
  (void)core_.board().start_room(room);
  for (JoinRoomRun* member : it->second) member->on_started();
  const auto recorder = std::find_if(it->second.begin(), it->second.end(),
                                     [](JoinRoomRun* each) { return each->spec().recording.has_value(); });
  if (recorder != it->second.end()) (void)core_.board().record_room(room, *(*recorder)->spec().recording);
}

void Conferences::leave(JoinRoomRun& member, RoomId room) {
  const auto it = members_.find(room);
  if (it == members_.end() || std::erase(it->second, &member) == 0) return;
  if (it->second.empty()) {
    members_.erase(it);
    release_guests(room);
  }
  if (member.spec().end_on_exit) {
    end(room, {call::EndCause::RoomEnded, call::EndedBy::OtherLeg, 0, {}});
    return;
  }
  if (member.beeps_on_exit()) beep(room);
  tell_lonely(room);
}

void Conferences::end(RoomId room, const EndReason& reason) {
  const auto it = members_.find(room);
  if (it != members_.end()) {
    const std::vector<JoinRoomRun*> all = std::move(it->second);
    members_.erase(it);
    for (JoinRoomRun* member : all) member->on_ended(reason);
  }
  release_guests(room);
  // Whoever came by another way than a step: he has nothing to go on with.
  (void)core_.board().end_room(room, reason);
}

JoinRoomRun* Conferences::find(LegId leg) const {
  for (const auto& [room, members] : members_) {
    for (JoinRoomRun* member : members) {
      if (member->leg() == leg) return member;
    }
  }
  return nullptr;
}

void Conferences::on_event(const call::Event& event) {
  if (std::holds_alternative<call::LegCreated>(event.what)) return invited(event.leg);
  const auto guest = guests_.find(event.leg);
  if (guest == guests_.end()) return;
  if (const auto* ringing = std::get_if<call::LegRinging>(&event.what)) {
    rings(event.leg, ringing->early_media);
  } else if (std::holds_alternative<call::LegAnswered>(event.what)) {
    answered(event.leg);
  } else if (std::holds_alternative<call::LegEnded>(event.what)) {
    const RoomId room = guest->second.room;
    guests_.erase(guest);
    tell_lonely(room);
  }
}

void Conferences::invited(LegId leg) {
  const call::Leg* called = core_.live(leg);
  if (called == nullptr || called->answered() || !called->facts.source_only) return;
  const call::Room* room = core_.board().room(called->room);
  if (room == nullptr || room->options.name.empty()) return;
  guests_[leg].room = room->id;
  tell_lonely(room->id);
}

void Conferences::rings(LegId leg, bool early_media) {
  Guest& guest = guests_.at(leg);
  guest.rings = true;
  start_if_due(guest.room);
  if (early_media) return guest.tone.reset();
  if (guest.tone != nullptr) return;
  guest.tone = std::make_unique<Sound>(core_);
  (void)guest.tone->play({guest.room, std::nullopt}, call::PromptSpec{{call::Tone{}}, 0, 0.0F}, nullptr);
}

// What he says from now on is no ringing: he is heard once his step has let him in.
void Conferences::answered(LegId leg) {
  guests_.erase(leg);
  (void)core_.board().isolate(leg);
  (void)core_.board().set_source_only(leg, false);
}

size_t Conferences::ringing_in(RoomId room) const {
  return static_cast<size_t>(std::count_if(guests_.begin(), guests_.end(), [room](const auto& each) {
    return each.second.room == room && each.second.rings;
  }));
}

// Nobody is left who could hear them.
void Conferences::release_guests(RoomId room) {
  for (auto it = guests_.begin(); it != guests_.end();) {
    if (it->second.room != room) {
      ++it;
      continue;
    }
    const LegId leg = it->first;
    it = guests_.erase(it);
    if (core_.live(leg) != nullptr) answered(leg);
  }
}

void Conferences::beep(RoomId room) {
  const call::Room* now = core_.board().room(room);
  if (now == nullptr || !now->started) return;
  call::Tone tone;
  tone.kind = call::Tone::Kind::Beep;
  tone.length = 200ms;
  (void)core_.board().play({room, std::nullopt}, call::PromptSpec{{tone}, 1, 0.0F});
}

void Conferences::tell_lonely(RoomId room) {
  const call::Room* now = core_.board().room(room);
  const auto it = members_.find(room);
  if (now == nullptr || it == members_.end()) return;
  const size_t voices = now->members.size() - std::min(now->supervisions.size(), now->members.size());
  for (JoinRoomRun* member : it->second) member->set_lonely(!now->started || voices < 2);
}

}  // namespace sotto::flow
