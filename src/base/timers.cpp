#include "base/timers.h"

#include <algorithm>

namespace sotto::base {

uint64_t Timers::tick_of(TimePoint time) const {
  if (time <= origin_) return 0;
  return static_cast<uint64_t>((time - origin_) / std::chrono::milliseconds(1));
}

TimerId Timers::start(Duration delay, TimerSink& sink, uint64_t token) {
  const uint64_t id = next_id_++;
  const TimePoint due = now_ + std::max(delay, Duration::zero());
  timers_.emplace(id, Timer{due, &sink, token});
  slots_[std::max(tick_of(due), tick_) % kSlots].push_back(id);
  return static_cast<TimerId>(id);
}

void Timers::stop(TimerId& id) {
  timers_.erase(static_cast<uint64_t>(id));
  id = TimerId::None;
}

// Runs the timers of one tick that are due, earliest first; true if any ran.
bool Timers::run_tick(uint64_t tick) {
  auto& slot = slots_[tick % kSlots];
  std::vector<uint64_t> due;
  std::erase_if(slot, [&](uint64_t id) {
    const auto it = timers_.find(id);
    if (it == timers_.end()) return true;
    if (it->second.due > now_) return false;
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
    timer.sink->on_timer(timer.token);
  }
  return !due.empty();
}

void Timers::advance(TimePoint now) {
  const TimePoint target = std::max(now, now_);
  const uint64_t last = tick_of(target);
  // A jump longer than the wheel passes each slot once: every timer in it that is due runs then.
  if (last > tick_ + kSlots) tick_ = last - kSlots;
  while (tick_ < last) {
    now_ = std::max(now_, std::min(target, origin_ + std::chrono::milliseconds(tick_ + 1)));
    run_tick(tick_);
    ++tick_;
  }
  now_ = target;
  while (run_tick(tick_)) {
  }
}

std::optional<TimePoint> Timers::next_due() const {
  // The nearest slots first: with timers pending, the scan is short in practice and bounded by the wheel.
  for (uint64_t tick = tick_; tick < tick_ + kSlots; ++tick) {
    std::optional<TimePoint> best;
    for (const uint64_t id : slots_[tick % kSlots]) {
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
