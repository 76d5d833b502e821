#pragma once

#include <atomic>

namespace sotto::media {

// Marks the code of a media turn, for tests that abort on an allocation in it. Costs a thread-local counter.
class RealTimeScope {
 public:
  // The fences keep the compiler, which knows that malloc() does not look at the counter, from moving it.
  RealTimeScope() noexcept {
    ++depth_;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~RealTimeScope() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    --depth_;
  }
  RealTimeScope(const RealTimeScope&) = delete;
  static bool active() noexcept { return depth_ > 0; }

 private:
  static inline thread_local int depth_ = 0;
};

}  // namespace sotto::media
