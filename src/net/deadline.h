#pragma once

#include <functional>

#include "net/loop.h"

namespace sotto::net {

// Calls `on_late` once if it still exists after `delay`. Control thread.
class Deadline final : base::TimerSink {
 public:
  Deadline(Loop& loop, base::Duration delay, std::function<void()> on_late)
      : timers_(loop.timers()), on_late_(std::move(on_late)) {
    // Counted from now: the timers' own time is that of the last batch.
    const base::Duration behind = loop.clock().now() - timers_.now();
    timer_ = timers_.start(delay + behind, *this, 0);
  }
  Deadline(const Deadline&) = delete;
  ~Deadline() { timers_.stop(timer_); }

  bool late() const { return late_; }

 private:
  void on_timer(uint64_t) override {
    late_ = true;
    on_late_();
  }

  base::Timers& timers_;
  std::function<void()> on_late_;
  base::TimerId timer_ = base::TimerId::None;
  bool late_ = false;
};

}  // namespace sotto::net
