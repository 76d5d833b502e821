#include "call/switchboard.h"

#include <algorithm>

#include "base/check.h"
#include "call/state.h"

namespace sotto::call {

Switchboard::State::~State() {
  for (auto& [id, entry] : legs) {
    timers.stop(entry.ring_timer);
    timers.stop(entry.limit_timer);
  }
}

void Switchboard::State::settle() {
  while (true) {
    // First the events: what the sinks do on them mostly changes the same rooms, and one plan tells all of
    // it.
    while (delivered < queue.size()) {
      const Event event = std::move(queue[delivered++]);  // what the sinks do may add more
      for (EventSink* sink : sinks) sink->on_event(event);
    }
    send_plans();
    if (delivered == queue.size()) break;
  }
  queue.clear();
  delivered = 0;
  forget_ended();
}

void Switchboard::State::send_plans() {
  for (const RoomId id : std::exchange(dirty_rooms, {})) {
    RoomEntry* entry = find(id);
    if (entry == nullptr || !entry->dirty) continue;
    entry->dirty = false;
    hearing::Plan next = hearing::derive(facts_of(entry->room));
    next.revision = entry->revision + 1;
    auto delta = std::make_shared<const hearing::PlanDelta>(hearing::diff(entry->room.plan, next));
    entry->room.plan = std::move(next);
    ++entry->revision;
    sent[{id, entry->revision}] = SentPlan{delta, std::exchange(entry->cause, {})};
    media.apply(*delta);
  }
}

void Switchboard::State::forget_ended() {
  for (const LegId id : std::exchange(ended, {})) {
    const auto it = legs.find(id);
    if (it == legs.end()) continue;
    const auto of_call = legs_by_call.find(it->second.leg.call);
    std::erase(of_call->second, id);
    if (of_call->second.empty()) legs_by_call.erase(of_call);
    legs.erase(it);
  }
}

void Switchboard::State::emit(What what, const Leg* leg, std::optional<RoomId> room) {
  Event event;
  event.sequence = next_sequence++;
  event.at = clock.now();
  event.wall = clock.wall();
  if (leg != nullptr) {
    event.leg = leg->id;
    event.call = leg->call;
    event.room = leg->room;
  }
  if (room) event.room = *room;
  event.what = std::move(what);
  queue.push_back(std::move(event));
}

Switchboard::State::LegEntry* Switchboard::State::find(LegId id) {
  const auto it = legs.find(id);
  return it == legs.end() ? nullptr : &it->second;
}

Switchboard::State::RoomEntry* Switchboard::State::find(RoomId id) {
  const auto it = rooms.find(id);
  return it == rooms.end() ? nullptr : &it->second;
}

Result<Switchboard::State::LegEntry*> Switchboard::State::live(LegId id) {
  LegEntry* entry = find(id);
  if (entry == nullptr) return fail(ErrorCode::NotFound, "leg: no such leg");
  if (!entry->leg.live()) return fail(ErrorCode::Conflict, "leg: it has ended");
  return entry;
}

Result<Switchboard::State::LegEntry*> Switchboard::State::answered(LegId id) {
  auto entry = live(id);
  if (entry && !(*entry)->leg.answered()) return fail(ErrorCode::Conflict, "leg: it is not answered yet");
  return entry;
}

Switchboard::Switchboard(Signalling& signalling, Media& media, base::Timers& timers, const base::Clock& clock,
                         base::Random& random)
    : state_(std::make_unique<State>(signalling, media, timers, clock, random)) {}

Switchboard::~Switchboard() = default;

void Switchboard::add_sink(EventSink& sink) {
  CHECK(state_->legs.empty());
  state_->sinks.push_back(&sink);
}

void Switchboard::set_policy(const SupervisionPolicy& policy) {
  state_->policy = &policy;
}

Switchboard::Batch::Batch(Switchboard& switchboard) : switchboard_(switchboard) {
  switchboard_.state_->begin_turn();
}

Switchboard::Batch::~Batch() {
  switchboard_.state_->end_turn();
}

const Leg* Switchboard::leg(LegId id) const {
  const State::LegEntry* entry = state_->find(id);
  return entry == nullptr ? nullptr : &entry->leg;
}

const Room* Switchboard::room(RoomId id) const {
  const State::RoomEntry* entry = state_->find(id);
  return entry == nullptr ? nullptr : &entry->room;
}

const Room* Switchboard::room_named(const std::string& name) const {
  const auto it = state_->room_names.find(name);
  return it == state_->room_names.end() ? nullptr : room(it->second);
}

const RecordingInfo* Switchboard::recording(RecordingId id) const {
  const auto it = state_->recordings.find(id);
  return it == state_->recordings.end() ? nullptr : &it->second.info;
}

std::vector<LegId> Switchboard::legs_of(CallId call) const {
  std::vector<LegId> ids;
  const auto it = state_->legs_by_call.find(call);
  if (it == state_->legs_by_call.end()) return ids;
  for (const LegId id : it->second) {
    if (leg(id)->live()) ids.push_back(id);
  }
  return ids;
}

std::vector<LegId> Switchboard::all_legs() const {
  std::vector<LegId> ids;
  for (const auto& [id, entry] : state_->legs) {
    if (entry.leg.live()) ids.push_back(id);
  }
  return ids;
}

size_t Switchboard::live_legs() const {
  return state_->legs.size() - state_->ended.size();
}

size_t Switchboard::orphans() const {
  return static_cast<size_t>(
      std::count_if(state_->legs.begin(), state_->legs.end(), [this](const auto& item) {
        const Leg& leg = item.second.leg;
        if (!leg.live()) return false;
        if (leg.carrier) {
          const Leg* carrier = this->leg(*leg.carrier);
          return carrier == nullptr || !carrier->live();
        }
        return leg.answered() && !leg.driven && !supervision_of(leg.id);
      }));
}

void Switchboard::notice(LegId leg, Notice notice) {
  State::Turn turn(*state_);
  const State::LegEntry* entry = state_->find(leg);
  state_->emit(std::move(notice), entry == nullptr ? nullptr : &entry->leg);
}

void Switchboard::on_plan_applied(RoomId room, uint64_t revision, TimePoint at) {
  State::Turn turn(*state_);
  const auto it = state_->sent.find({room, revision});
  if (it == state_->sent.end()) return;  // the room was closed meanwhile
  state_->emit(PlanApplied{it->second.delta, it->second.cause}, nullptr, room);
  Event& event = state_->queue.back();
  event.wall -= std::chrono::duration_cast<std::chrono::microseconds>(event.at - at);
  event.at = at;
  state_->sent.erase(it);
}

void Switchboard::drain(TimePoint deadline) {
  State::Turn turn(*state_);
  state_->draining = true;
  if (deadline > state_->clock.now()) return;
  std::vector<LegId> all = all_legs();
  std::sort(all.begin(), all.end());
  for (const LegId id : all) hang_up(id, EndReason{EndCause::ServerStopped, EndedBy::Platform, 503, {}});
}

bool Switchboard::is_consistent() const {
  size_t live = 0;
  for (const auto& [id, entry] : state_->legs) {
    const Leg& leg = entry.leg;
    if (leg.live() != !leg.end.has_value()) return false;
    if (!leg.live()) continue;
    ++live;
    const Room* in = room(leg.room);
    if (in == nullptr || std::count(in->members.begin(), in->members.end(), id) != 1) return false;
    const bool rings = leg.state == LegState::Dialing || leg.state == LegState::Ringing;
    if (!rings && entry.ring_timer != base::TimerId::None) return false;
    if (leg.answered() != leg.answered_at.has_value()) return false;
  }
  if (live != live_legs()) return false;
  size_t places = 0;
  for (const auto& [id, entry] : state_->rooms) {
    places += entry.room.members.size();
    if (entry.room.members.empty() && !entry.kept) return false;
    for (const hearing::Supervision& supervision : entry.room.supervisions) {
      if (std::count(entry.room.members.begin(), entry.room.members.end(), supervision.supervisor) != 1)
        return false;
    }
    for (const hearing::Prompt& prompt : entry.room.prompts) {
      const auto it = state_->prompts.find(prompt.id);
      if (it == state_->prompts.end() || it->second.room != id) return false;
    }
  }
  if (places != live) return false;
  for (const auto& [id, entry] : state_->prompts) {
    if (room(entry.room) == nullptr) return false;
  }
  for (const auto& [id, entry] : state_->taps) {
    const Leg* owner = leg(entry.leg);
    if (owner == nullptr || !owner->live()) return false;
  }
  return true;
}

}  // namespace sotto::call
