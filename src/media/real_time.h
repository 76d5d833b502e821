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
  friend class BorrowedScope;
  static inline thread_local int depth_ = 0;
};

// Around a library that takes memory in a turn and cannot be kept from it: Debian's libsrtp2 has its ciphers
// from NSS, which does so for each packet. A secured leg pays for that; nothing else may use this.
class BorrowedScope {
 public:
  BorrowedScope() noexcept : depth_(RealTimeScope::depth_) {
    RealTimeScope::depth_ = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~BorrowedScope() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    RealTimeScope::depth_ = depth_;
  }
  BorrowedScope(const BorrowedScope&) = delete;

 private:
  const int depth_;
};

}  // namespace sotto::media
