#include "media/room_mirrors.h"

#include <algorithm>

namespace sotto::media {
namespace {

constexpr int kPhases = 20;
constexpr int kPhaseStep = 7;  // neighbours in time of opening are spread over the frame

size_t grown(size_t present, size_t wanted) {
  while (present < wanted) present *= 2;
  return present;
}

void raise(RoomCapacity& bound, const RoomCapacity& to) {
  bound.members = std::max(bound.members, to.members);
  bound.prompts = std::max(bound.prompts, to.prompts);
  bound.taps = std::max(bound.taps, to.taps);
  bound.cells = std::max(bound.cells, to.cells);
}

RoomCapacity size_of(const hearing::Plan& plan) {
  return {.members = plan.members.size(),
          .prompts = plan.prompts.size(),
          .taps = plan.taps.size(),
          .cells = plan.exceptions.size()};
}

}  // namespace

RoomMirrors::RoomMirrors(Links links, uint32_t rate_hz)
    : rate_hz_(rate_hz), links_(std::move(links)), loads_(links_.size()), last_thread_(links_.size() - 1) {}

size_t RoomMirrors::choose_thread() {
  size_t best = (last_thread_ + 1) % loads_.size();
  for (size_t i = 2; i <= loads_.size(); ++i) {
    const size_t thread = (last_thread_ + i) % loads_.size();
    if (loads_[thread].legs < loads_[best].legs) best = thread;
  }
  last_thread_ = best;
  return best;
}

void RoomMirrors::open(RoomId room, uint32_t rate_hz) {
  if (rooms_.contains(room)) return;
  RoomMirror& mirror = rooms_[room];
  mirror.ref = {.room = room, .handle = handles_.take(), .thread = choose_thread()};
  mirror.rate_hz = rate_hz;
  mirror.plan.room = room;
  int& phase = loads_[mirror.ref.thread].phase;
  phase = (phase + kPhaseStep) % kPhases;
  auto object = std::make_unique<Room>(room, rate_hz, phase, mirror.capacity);
  link(mirror.ref.thread).send(OpenRoom{mirror.ref.handle, std::move(object)});
}

void RoomMirrors::close(RoomId room) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  const RoomRef& ref = found->second.ref;
  link(ref.thread).send(CloseRoom{ref.handle});
  handles_.give_back(ref.handle);
  rooms_.erase(found);
}

RoomMirror& RoomMirrors::at(RoomId room) {
  if (!rooms_.contains(room)) open(room, rate_hz_);
  return rooms_.at(room);
}

RoomMirror* RoomMirrors::find(RoomId room) {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? nullptr : &found->second;
}

RoomMirror* RoomMirrors::find(const RoomRef& ref) {
  RoomMirror* const mirror = find(ref.room);
  return mirror != nullptr && mirror->ref.handle == ref.handle ? mirror : nullptr;
}

uint32_t RoomMirrors::rate_hz(const RoomRef& ref) {
  const RoomMirror* const mirror = find(ref);
  return mirror == nullptr ? rate_hz_ : mirror->rate_hz;
}

void RoomMirrors::apply(const hearing::PlanDelta& delta) {
  RoomMirror& mirror = at(delta.room);
  note_plan(mirror);
  hearing::apply(mirror.plan, delta);
  mirror.revisions.push_back(delta.to);
  note_plan(mirror);
  auto change = std::make_unique<PlanChange>();
  change->deltas.push_back(delta);
  change->audiences = mirror.plan.audiences;
  change->bigger = bigger(mirror);
  MediaLink& to = link(mirror.ref.thread);
  if (delta.adds_audibility || !to.has_backlog()) {
    to.send(ApplyPlan{mirror.ref.handle, std::move(change)});
  } else {
    to.send_urgent(mirror.ref.handle, std::move(change), mirror.capacity);
  }
}

void RoomMirrors::note_plan(RoomMirror& mirror) {
  if (mirror.revisions.empty()) mirror.planned = size_of(mirror.plan);
  raise(mirror.planned, size_of(mirror.plan));
}

std::vector<uint64_t> RoomMirrors::take_applied(RoomId room, uint64_t revision) {
  std::vector<uint64_t> applied;
  RoomMirror* const mirror = find(room);
  if (mirror == nullptr) return {revision};
  std::list<uint64_t>& revisions = mirror->revisions;
  while (!revisions.empty() && revisions.front() <= revision) {
    applied.push_back(revisions.front());
    revisions.pop_front();
  }
  return applied;
}

// Slots are held by what a plan names and by what is plugged in; both may be on their way out still.
std::unique_ptr<RoomTables> RoomMirrors::bigger(RoomMirror& mirror) {
  const RoomCapacity needed{.members = mirror.planned.members + mirror.legs,
                            .prompts = mirror.planned.prompts + mirror.prompts,
                            .taps = mirror.planned.taps + mirror.tap_channels,
                            .cells = mirror.planned.cells};
  if (mirror.capacity.holds(needed)) return nullptr;
  mirror.capacity = {.members = grown(mirror.capacity.members, needed.members),
                     .prompts = grown(mirror.capacity.prompts, needed.prompts),
                     .taps = grown(mirror.capacity.taps, needed.taps),
                     .cells = grown(mirror.capacity.cells, needed.cells)};
  return std::make_unique<RoomTables>(mirror.capacity);
}

std::unique_ptr<RoomTables> RoomMirrors::bigger(const RoomRef& ref) {
  RoomMirror* const mirror = find(ref);
  return mirror == nullptr ? nullptr : bigger(*mirror);
}

}  // namespace sotto::media
