#pragma once

#include <chrono>

// Two clocks, never mixed: TimePoint orders events and drives timers, WallTime is for people and records.
namespace sotto::base {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// Where the time comes from. Pure code is handed one; tests own it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }
  WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

// Moves only when told to.
class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  WallTime wall() const override {
    return epoch_ + std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch());
  }
  void advance(Duration step) { now_ += step; }
  void set(TimePoint now) { now_ = now; }
  void set_epoch(WallTime epoch) { epoch_ = epoch; }

 private:
  TimePoint now_{std::chrono::seconds(1)};
  WallTime epoch_{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z
};

}  // namespace sotto::base
