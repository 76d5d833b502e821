#include "telephony/sound_lag.h"

#include <numeric>

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 1s;
constexpr uint64_t kTurnsMin = 10;  // fewer tell nothing

}  // namespace

SoundLag::SoundLag(base::Timers& timers, std::function<media::EngineCounters()> counters)
    : timers_(timers), counters_(std::move(counters)), timer_(timers.start(kInterval, *this, 0)) {}

SoundLag::~SoundLag() {
  timers_.stop(timer_);
}

void SoundLag::on_timer(uint64_t) {
  timer_ = timers_.start(kInterval, *this, 0);
  const media::EngineCounters now = counters_();
  const auto& histogram = now.turn_time.counts;
  const uint64_t all = std::accumulate(std::begin(histogram), std::end(histogram), uint64_t{0});
  const uint64_t turns = all - std::exchange(turns_, all);
  const uint64_t late = now.turns_late - std::exchange(turns_late_, now.turns_late);
  before_ = last_;
  last_ = turns < kTurnsMin ? 0 : static_cast<double>(late) / static_cast<double>(turns);
}

}  // namespace sotto::telephony
