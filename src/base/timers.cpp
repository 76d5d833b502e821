#include "base/timers.h"

#include <algorithm>
#include <limits>

namespace sotto::base {
namespace {

// A handle says in which round of the wheel its timer is due, above a count: what is due later is passed over
// without being looked up, and most timers of a busy server are.
constexpr unsigned kCountBits = 40;

uint64_t round_of(uint64_t id) {
  return id >> kCountBits;
}

}  // namespace

uint64_t Timers::tick_of(TimePoint time) const {
  if (time <= origin_) return 0;
  return static_cast<uint64_t>((time - origin_) / std::chrono::milliseconds(1));
}

TimerId Timers::start(Duration delay, TimerSink& sink, uint64_t token) {
  const TimePoint due = now() + std::max(delay, Duration::zero());
  const uint64_t tick = std::max(tick_of(due), tick_);
  const uint64_t id = (tick / kSlots) << kCountBits | next_id_++;
  timers_.emplace(id, Timer{due, &sink, token});
  slots_[tick % kSlots].push_back(id);
  return static_cast<TimerId>(id);
}

void Timers::stop(TimerId& id) {
  timers_.erase(static_cast<uint64_t>(id));
  id = TimerId::None;
}

// Runs the timers of one tick that are due at `until`, earliest first, each at its own time; true if any ran.
bool Timers::run_tick(uint64_t tick, TimePoint until) {
  auto& slot = slots_[tick % kSlots];
  if (slot.empty()) return false;
  std::vector<uint64_t> due;
  std::erase_if(slot, [&](uint64_t id) {
    const auto it = timers_.find(id);
    if (it == timers_.end()) return true;
    if (it->second.due > until) return false;
    due.push_back(id);
    return true;
  });
  std::sort(due.begin(), due.end(), [&](uint64_t a, uint64_t b) {
    const TimePoint due_a = timers_.at(a).due;
    const TimePoint due_b = timers_.at(b).due;
    return due_a != due_b ? due_a < due_b : a < b;
  });
  for (const uint64_t id : due) {
    const auto it = timers_.find(id);
    if (it == timers_.end()) continue;  // stopped by one that ran before it
    const Timer timer = it->second;
    timers_.erase(it);
    now_ = std::max(now_, timer.due);
    timer.sink->on_timer(timer.token);
  }
  return !due.empty();
}

// The first tick from tick_ on in which anything is due; beyond all time if nothing is.
uint64_t Timers::first_due_tick() const {
  uint64_t first = std::numeric_limits<uint64_t>::max();
  for (const auto& [id, timer] : timers_) first = std::min(first, tick_of(timer.due));
  return std::max(first, tick_);
}

void Timers::advance(TimePoint now) {
  asleep_ = nullptr;
  const TimePoint target = std::max(now, now_);
  const uint64_t last = tick_of(target);
  uint64_t look = tick_;
  while (tick_ < last) {
    // A clock that jumps far leaps over what is empty: it looks once in each round of the wheel.
    if (tick_ >= look && last - tick_ > kSlots) {
      tick_ = std::min(first_due_tick(), last);
      look = tick_ + kSlots;
      continue;
    }
    while (run_tick(tick_, origin_ + std::chrono::milliseconds(tick_ + 1))) {
    }
    ++tick_;
  }
  while (run_tick(tick_, target)) {
  }
  now_ = target;
}

std::optional<TimePoint> Timers::next_due() const {
  // The nearest slots first: with timers pending, the scan is short in practice and bounded by the wheel.
  for (uint64_t tick = tick_; tick < tick_ + kSlots; ++tick) {
    std::optional<TimePoint> best;
    for (const uint64_t id : slots_[tick % kSlots]) {
      if (round_of(id) > tick / kSlots) continue;
      const auto it = timers_.find(id);
      if (it == timers_.end() || tick_of(it->second.due) > tick) continue;
      if (!best || it->second.due < *best) best = it->second.due;
    }
    if (best) return best;
  }
  if (timers_.empty()) return std::nullopt;
  return origin_ + std::chrono::milliseconds(tick_ + kSlots);
}

}  // namespace sotto::base
