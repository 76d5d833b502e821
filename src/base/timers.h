#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace sotto::base {

// Told when a timer that it started has run out. Must outlive its timers, or stop them first.
class TimerSink {
 public:
  virtual ~TimerSink() = default;
  virtual void on_timer(uint64_t token) = 0;
};

// A handle; 0 is no timer. Handles are not reused: what was stopped or has run out may be stopped again.
enum class TimerId : uint64_t { None = 0 };

// One-shot timers for pure code: a hashed wheel of 1 ms slots, O(1) to start and stop. A round of the wheel
// is longer than SIP's timers, so that theirs are seen once, when they are due. One thread. The owner calls
// advance() with the time, and sleeps until next_due(). A sink may start and stop any timer from on_timer().
class Timers {
 public:
  explicit Timers(TimePoint now);
  Timers(const Timers&) = delete;

  TimePoint now() const { return asleep_ == nullptr ? now_ : std::max(now_, asleep_->now()); }
  TimerId start(Duration delay, TimerSink& sink, uint64_t token);
  void stop(TimerId& id);  // sets `id` to None; a timer that ran out or was stopped is ignored
  size_t pending() const { return pending_; }

  // Runs what is due at `now`, in order of due time, then of start. Each runs with now() at its own due time,
  // however far the clock has jumped: what it starts counts from there. A clock that jumps back is ignored.
  void advance(TimePoint now);
  std::optional<TimePoint> next_due() const;
  // The owner sleeps until something else wakes it, and that may use these timers before the owner does: from
  // here to the next advance(), now() is the clock's. `clock` lives until then.
  void sleep(const Clock& clock) { asleep_ = &clock; }

 private:
  // A place of the table. Those of one slot form a ring, in the order of their start.
  struct Timer {
    TimerId id = TimerId::None;  // None: the place is free
    TimePoint due;
    TimerSink* sink = nullptr;
    uint64_t token = 0;
    uint32_t previous = 0;
    uint32_t next = 0;  // of a free place: the next free one, 0 if it is the last
  };
  static constexpr size_t kSlots = 65'536;

  uint64_t tick_of(TimePoint time) const;
  size_t slot_of(const Timer& timer) const { return tick_of(timer.due) % kSlots; }
  Timer* find(TimerId id);
  void link(uint32_t place);
  void unlink(uint32_t place);
  void remove(const Timer& timer);
  template <typename Each>
  void for_each_in(size_t slot, Each each) const;
  bool run_tick(uint64_t tick, TimePoint until);
  uint64_t first_due_tick() const;
  uint64_t next_used_tick(uint64_t tick) const;

  TimePoint now_;
  const Clock* asleep_ = nullptr;
  const TimePoint origin_;
  uint64_t tick_ = 0;  // every tick before this one has been run
  uint64_t started_ = 0;
  size_t pending_ = 0;
  std::vector<Timer> timers_;    // the first place is never used: 0 stands for none
  uint32_t free_ = 0;            // the first free place
  std::vector<uint32_t> slots_;  // the place of the first timer of each
  std::vector<uint64_t> used_;   // one bit a slot: it has timers
  std::vector<TimerId> due_;     // of the tick that runs
};

}  // namespace sotto::base
