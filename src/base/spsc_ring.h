#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

namespace sotto::base {

// A queue between exactly one writing and one reading thread, without locks or allocation. A full ring
// refuses. Capacity is a power of two. Each side keeps a copy of the other's index, so that the shared lines
// move rarely.
template <typename T, size_t kCapacity>
class SpscRing {
  static_assert(kCapacity > 0 && (kCapacity & (kCapacity - 1)) == 0, "capacity is a power of two");

 public:
  // Writer's side.
  bool push(T&& value) noexcept {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_seen_ == kCapacity) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head - tail_seen_ == kCapacity) return false;
    }
    slots_[head & (kCapacity - 1)] = std::move(value);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // Reader's side. `out` is assigned only when true comes back.
  bool pop(T& out) noexcept {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_seen_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail == head_seen_) return false;
    }
    out = std::move(slots_[tail & (kCapacity - 1)]);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Either side: exact on the own index, a lower or upper bound on the other's.
  size_t size() const noexcept {
    return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_acquire);
  }
  static constexpr size_t capacity() { return kCapacity; }

 private:
  static constexpr size_t kCacheLine = 64;
  alignas(kCacheLine) std::atomic<size_t> head_{0};
  alignas(kCacheLine) size_t tail_seen_ = 0;  // writer's copy
  alignas(kCacheLine) std::atomic<size_t> tail_{0};
  alignas(kCacheLine) size_t head_seen_ = 0;  // reader's copy
  alignas(kCacheLine) std::array<T, kCapacity> slots_{};
};

}  // namespace sotto::base
