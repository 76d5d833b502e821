// Supervision: who listens to, whispers to or barges in on whom, and what follows when a target goes.
#include <algorithm>

#include "base/check.h"
#include "call/state.h"

namespace sotto::call {
namespace {

std::string_view cause_of(hearing::SupervisionMode mode) {
  constexpr std::string_view kNames[] = {"listen", "whisper", "private", "barge"};
  return kNames[static_cast<size_t>(mode)];
}

}  // namespace

std::optional<hearing::Supervision> Switchboard::supervision_of(LegId supervisor) const {
  const Leg* leg = this->leg(supervisor);
  const Room* in = leg == nullptr ? nullptr : room(leg->room);
  if (in == nullptr) return std::nullopt;
  for (const hearing::Supervision& supervision : in->supervisions) {
    if (supervision.supervisor == supervisor) return supervision;
  }
  return std::nullopt;
}

Result<void> Switchboard::supervise(const hearing::Supervision& supervision) {
  State::Turn turn(*state_);
  auto supervisor = state_->answered(supervision.supervisor);
  if (!supervisor) return fail(supervisor.error());
  auto target = state_->live(supervision.target);
  if (!target) return fail(ErrorCode::NotFound, "target: no such leg, or it has ended");
  if (supervision.supervisor == supervision.target)
    return fail(ErrorCode::Invalid, "target: the supervisor himself");
  if (supervision_of(supervision.target))
    return fail(ErrorCode::Conflict, "target: a supervisor cannot be supervised");
  const State::RoomEntry* own = state_->find((*supervisor)->leg.room);
  for (const hearing::Supervision& other : own->room.supervisions) {
    if (other.target == supervision.supervisor) {
      return fail(ErrorCode::Conflict, "supervisor: he is supervised himself");
    }
  }
  if (state_->policy != nullptr) {
    auto allowed = state_->policy->allow((*supervisor)->leg, (*target)->leg, supervision.mode);
    if (!allowed) return fail(allowed.error());
  }
  state_->drop_supervision(supervision.supervisor);
  State::RoomEntry* room = state_->find((*target)->leg.room);
  // In the room's facts before he enters: no plan ever holds him as a plain member.
  room->room.supervisions.push_back(supervision);
  state_->transfer(**supervisor, *room);
  state_->touch(*room, cause_of(supervision.mode));
  room->cause = cause_of(supervision.mode);
  state_->emit(SupervisionChanged{supervision, false}, &(*supervisor)->leg);
  return {};
}

Result<void> Switchboard::set_supervision_mode(LegId supervisor, hearing::SupervisionMode mode) {
  State::Turn turn(*state_);
  auto entry = state_->live(supervisor);
  if (!entry) return fail(entry.error());
  State::RoomEntry* room = state_->find((*entry)->leg.room);
  for (hearing::Supervision& supervision : room->room.supervisions) {
    if (supervision.supervisor != supervisor) continue;
    const State::LegEntry* target = state_->find(supervision.target);
    if (state_->policy != nullptr && target != nullptr) {
      auto allowed = state_->policy->allow((*entry)->leg, target->leg, mode);
      if (!allowed) return fail(allowed.error());
    }
    supervision.mode = mode;
    state_->touch(*room, cause_of(mode));
    state_->emit(SupervisionChanged{supervision, false}, &(*entry)->leg);
    return {};
  }
  return fail(ErrorCode::NotFound, "supervisor: he supervises nobody");
}

Result<void> Switchboard::end_supervision(LegId supervisor) {
  State::Turn turn(*state_);
  if (!supervision_of(supervisor)) return fail(ErrorCode::NotFound, "supervisor: he supervises nobody");
  state_->drop_supervision(supervisor);
  return {};
}

void Switchboard::State::drop_supervision(LegId supervisor) {
  LegEntry* entry = find(supervisor);
  RoomEntry* room = entry == nullptr ? nullptr : find(entry->leg.room);
  if (room == nullptr) return;
  auto& all = room->room.supervisions;
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.supervisor == supervisor; });
  if (it == all.end()) return;
  const hearing::Supervision ended_one = *it;
  all.erase(it);
  touch(*room, "supervision ends");
  emit(SupervisionChanged{ended_one, true}, &entry->leg);
}

// `target` has left `from`, for another room or for good.
void Switchboard::State::target_left(LegId target, RoomId from, std::optional<RoomId> to) {
  RoomEntry* room = find(from);
  if (room == nullptr) return;
  const std::vector<hearing::Supervision> all = room->room.supervisions;
  for (const hearing::Supervision& supervision : all) {
    if (supervision.target != target || supervision.on_target_left == hearing::OnTargetLeft::StayUnheard)
      continue;
    LegEntry* supervisor = find(supervision.supervisor);
    CHECK(supervisor != nullptr);
    RoomEntry* next = to ? find(*to) : nullptr;
    if (supervision.on_target_left == hearing::OnTargetLeft::Follow && next != nullptr) {
      std::erase_if(room->room.supervisions,
                    [&](const auto& each) { return each.supervisor == supervisor->leg.id; });
      next->room.supervisions.push_back(supervision);
      transfer(*supervisor, *next);
      continue;
    }
    const EndReason reason{EndCause::DriverLeft, EndedBy::Platform, 0, "the supervised party has left"};
    signalling.hang_up(supervisor->leg.id, reason);
    finish(*supervisor, reason);
  }
}

}  // namespace sotto::call
