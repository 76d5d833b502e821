#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace sotto::base {

// Told when a timer that it started has run out. Must outlive its timers, or stop them first.
class TimerSink {
 public:
  virtual ~TimerSink() = default;
  virtual void on_timer(uint64_t token) = 0;
};

// A handle; 0 is no timer. Handles are never reused.
enum class TimerId : uint64_t { None = 0 };

// One-shot timers for pure code: a hashed wheel of 1 ms slots, O(1) to start and stop. One thread. The owner
// calls advance() with the time, and sleeps until next_due(). A sink may start and stop any timer from
// on_timer().
class Timers {
 public:
  explicit Timers(TimePoint now) : now_(now), origin_(now) {}
  Timers(const Timers&) = delete;

  TimePoint now() const { return asleep_ == nullptr ? now_ : std::max(now_, asleep_->now()); }
  TimerId start(Duration delay, TimerSink& sink, uint64_t token);
  void stop(TimerId& id);  // sets `id` to None; a timer that ran out or was stopped is ignored
  size_t pending() const { return timers_.size(); }

  // Runs what is due at `now`, in order of due time, then of start. Each runs with now() at its own due time,
  // however far the clock has jumped: what it starts counts from there. A clock that jumps back is ignored.
  void advance(TimePoint now);
  std::optional<TimePoint> next_due() const;
  // The owner sleeps until something else wakes it, and that may use these timers before the owner does: from
  // here to the next advance(), now() is the clock's. `clock` lives until then.
  void sleep(const Clock& clock) { asleep_ = &clock; }

 private:
  struct Timer {
    TimePoint due;
    TimerSink* sink;
    uint64_t token;
  };
  static constexpr size_t kSlots = 4096;

  uint64_t tick_of(TimePoint time) const;
  bool run_tick(uint64_t tick, TimePoint until);
  uint64_t first_due_tick() const;

  TimePoint now_;
  const Clock* asleep_ = nullptr;
  const TimePoint origin_;
  uint64_t tick_ = 0;  // every tick before this one has been run
  uint64_t next_id_ = 1;
  std::unordered_map<uint64_t, Timer> timers_;
  std::array<std::vector<uint64_t>, kSlots> slots_;  // ids; stopped ones are swept when their slot comes up
};

}  // namespace sotto::base
