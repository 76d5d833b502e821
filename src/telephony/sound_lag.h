#pragma once

#include <algorithm>
#include <functional>

#include "base/timers.h"
#include "media/engine.h"

namespace sotto::telephony {

// How much of the sound comes too late, looked at once a second. One pause of the machine is no lag: most
// turns are on time again at once, while threads that have more to mix than they can are late in all of
// them. Control thread.
class SoundLag final : public base::TimerSink {
 public:
  // The timers, and what `counters` reads, outlive it.
  SoundLag(base::Timers& timers, std::function<media::EngineCounters()> counters);
  SoundLag(const SoundLag&) = delete;
  ~SoundLag() override;

  // Of the media threads' turns, the part that began too late, 0 to 1: the lower of the last two seconds.
  double late() const { return std::min(last_, before_); }

 private:
  void on_timer(uint64_t) override;

  base::Timers& timers_;
  const std::function<media::EngineCounters()> counters_;
  uint64_t turns_ = 0;
  uint64_t turns_late_ = 0;
  double last_ = 0;
  double before_ = 0;
  base::TimerId timer_ = base::TimerId::None;
};

}  // namespace sotto::telephony
