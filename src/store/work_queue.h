#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace sotto::store {

// A bounded queue from any thread to one worker. Pushing holds a lock for the time of one move.
template <typename T>
class WorkQueue {
 public:
  explicit WorkQueue(size_t size_max) : size_max_(size_max) {}

  // False when the queue is full or closed; `item` is then untouched.
  bool push(T& item) {
    bool enough = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= size_max_) return false;
      items_.push_back(std::move(item));
      enough = items_.size() >= wanted_;
    }
    if (enough) changed_.notify_one();
    return true;
  }

  // Waits for `count_min` items, and then until `not_before` for more. Fewer only when closed.
  std::vector<T> pop(size_t count_min, size_t count_max, std::chrono::steady_clock::time_point not_before) {
    std::unique_lock lock(mutex_);
    const auto enough = [this] { return closed_ || items_.size() >= wanted_; };
    wanted_ = count_min;
    changed_.wait(lock, enough);
    wanted_ = count_max > 0 ? count_max : kNever;
    changed_.wait_until(lock, not_before, enough);
    wanted_ = kNever;
    std::vector<T> taken;
    while (taken.size() < count_max && !items_.empty()) {
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return taken;
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  static constexpr size_t kNever = SIZE_MAX;

  const size_t size_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  size_t wanted_ = kNever;  // for this many the worker is woken; fewer gather while he sleeps
  bool closed_ = false;
};

}  // namespace sotto::store
