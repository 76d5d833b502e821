#include "base/timers.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"

namespace sotto::base {
namespace {

// A handle is the place of its timer below a count of those started: handles compare as their timers started.
constexpr unsigned kPlaceBits = 24;
constexpr uint64_t kPlaces = uint64_t{1} << kPlaceBits;
constexpr size_t kWordBits = 64;

uint32_t place_of(TimerId id) {
  return static_cast<uint32_t>(static_cast<uint64_t>(id) % kPlaces);
}

}  // namespace

Timers::Timers(TimePoint now)
    : now_(now), origin_(now), timers_(1), slots_(kSlots), used_(kSlots / kWordBits) {}

uint64_t Timers::tick_of(TimePoint time) const {
  if (time <= origin_) return 0;
  return static_cast<uint64_t>((time - origin_) / std::chrono::milliseconds(1));
}

TimerId Timers::start(Duration delay, TimerSink& sink, uint64_t token) {
  if (free_ == 0) {
    CHECK(timers_.size() < kPlaces);
    free_ = static_cast<uint32_t>(timers_.size());
    timers_.emplace_back();
  }
  const uint32_t place = free_;
  Timer& timer = timers_[place];
  free_ = timer.next;
  timer.id = static_cast<TimerId>(++started_ << kPlaceBits | place);
  timer.due = now() + std::max(delay, Duration::zero());
  timer.sink = &sink;
  timer.token = token;
  link(place);
  ++pending_;
  return timer.id;
}

void Timers::stop(TimerId& id) {
  if (const Timer* timer = find(id)) remove(*timer);
  id = TimerId::None;
}

Timers::Timer* Timers::find(TimerId id) {
  if (id == TimerId::None) return nullptr;
  Timer& timer = timers_[place_of(id)];
  return timer.id == id ? &timer : nullptr;
}

// Appends to the ring of its slot.
void Timers::link(uint32_t place) {
  Timer& timer = timers_[place];
  const size_t slot = slot_of(timer);
  const uint32_t first = slots_[slot];
  if (first == 0) {
    timer.previous = timer.next = slots_[slot] = place;
    used_[slot / kWordBits] |= uint64_t{1} << slot % kWordBits;
    return;
  }
  timer.previous = std::exchange(timers_[first].previous, place);
  timer.next = first;
  timers_[timer.previous].next = place;
}

void Timers::unlink(uint32_t place) {
  const Timer& timer = timers_[place];
  const size_t slot = slot_of(timer);
  if (timer.next == place) {
    slots_[slot] = 0;
    used_[slot / kWordBits] &= ~(uint64_t{1} << slot % kWordBits);
    return;
  }
  timers_[timer.previous].next = timer.next;
  timers_[timer.next].previous = timer.previous;
  if (slots_[slot] == place) slots_[slot] = timer.next;
}

void Timers::remove(const Timer& timer) {
  const uint32_t place = place_of(timer.id);
  unlink(place);
  timers_[place].id = TimerId::None;
  timers_[place].next = std::exchange(free_, place);
  --pending_;
}

template <typename Each>
void Timers::for_each_in(size_t slot, Each each) const {
  const uint32_t first = slots_[slot];
  if (first == 0) return;
  uint32_t place = first;
  do {
    each(timers_[place]);
    place = timers_[place].next;
  } while (place != first);
}

// Runs the timers of one tick that are due at `until`, earliest first, each at its own time; true if any ran.
bool Timers::run_tick(uint64_t tick, TimePoint until) {
  due_.clear();
  for_each_in(tick % kSlots, [&](const Timer& timer) {
    if (timer.due <= until) due_.push_back(timer.id);
  });
  std::sort(due_.begin(), due_.end(), [&](TimerId a, TimerId b) {
    const TimePoint due_a = timers_[place_of(a)].due;
    const TimePoint due_b = timers_[place_of(b)].due;
    return due_a != due_b ? due_a < due_b : a < b;
  });
  for (const TimerId id : due_) {
    const Timer* found = find(id);
    if (found == nullptr) continue;  // stopped by one that ran before it
    const Timer timer = *found;
    remove(timer);
    now_ = std::max(now_, timer.due);
    timer.sink->on_timer(timer.token);
  }
  return !due_.empty();
}

// The first tick from tick_ on in which anything is due; beyond all time if nothing is.
uint64_t Timers::first_due_tick() const {
  uint64_t first = std::numeric_limits<uint64_t>::max();
  for (const Timer& timer : timers_) {
    if (timer.id != TimerId::None) first = std::min(first, tick_of(timer.due));
  }
  return std::max(first, tick_);
}

// The first tick from `tick` on whose slot has timers, of this round or of a later one; a whole round later
// if none has.
uint64_t Timers::next_used_tick(uint64_t tick) const {
  const uint64_t end = tick + kSlots;
  while (tick < end) {
    const uint64_t word = used_[tick % kSlots / kWordBits] >> tick % kWordBits;
    if (word != 0) return std::min(end, tick + static_cast<uint64_t>(std::countr_zero(word)));
    tick += kWordBits - tick % kWordBits;
  }
  return end;
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
    tick_ = std::min(next_used_tick(tick_ + 1), last);
  }
  while (run_tick(tick_, target)) {
  }
  now_ = target;
}

std::optional<TimePoint> Timers::next_due() const {
  if (pending_ == 0) return std::nullopt;
  const uint64_t end = tick_ + kSlots;
  for (uint64_t tick = next_used_tick(tick_); tick < end; tick = next_used_tick(tick + 1)) {
    std::optional<TimePoint> best;
    for_each_in(tick % kSlots, [&](const Timer& timer) {
      if (tick_of(timer.due) == tick && (!best || timer.due < *best)) best = timer.due;
    });
    if (best) return best;
  }
  return origin_ + std::chrono::milliseconds(end);
}

}  // namespace sotto::base
