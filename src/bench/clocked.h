#pragma once

#include <chrono>
#include <ctime>

// Waiting, in benches: they measure real time.
namespace sotto::bench {

inline int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Returns at that moment of the steady clock, or at once if it is over.
inline void rest_until(int64_t ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  const timespec until{.tv_sec = ns / kSecond, .tv_nsec = ns % kSecond};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

// Asks every millisecond; false when it did not come true in time.
template <typename Done>
bool wait_until(std::chrono::nanoseconds limit, Done&& done) {
  const int64_t end = steady_ns() + limit.count();
  while (!done()) {
    const int64_t now = steady_ns();
    if (now > end) return false;
    rest_until(now + 1'000'000);
  }
  return true;
}

}  // namespace sotto::bench
