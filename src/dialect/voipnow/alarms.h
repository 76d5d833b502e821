#pragma once

#include <functional>
#include <unordered_map>

#include "base/timers.h"

namespace sotto::voipnow {

// One-shot timers that run a function. Control thread. What is still pending ends with this.
class Alarms final : public base::TimerSink {
 public:
  explicit Alarms(base::Timers& timers) : timers_(timers) {}  // outlives this
  ~Alarms() override;
  Alarms(const Alarms&) = delete;

  uint64_t start(base::Duration delay, std::function<void()> ring);  // never 0
  void stop(uint64_t alarm);                                         // one that has run or 0 is no error

 private:
  void on_timer(uint64_t token) override;

  base::Timers& timers_;
  uint64_t next_ = 1;
  std::unordered_map<uint64_t, std::pair<base::TimerId, std::function<void()>>> pending_;
};

}  // namespace sotto::voipnow
