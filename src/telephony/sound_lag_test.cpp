#include "telephony/sound_lag.h"

#include <gtest/gtest.h>

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;

struct Sound : testing::Test {
  base::FakeClock clock;
  base::Timers timers{clock.now()};
  media::EngineCounters counters;
  SoundLag lag{timers, [this] { return counters; }};

  double after_second(uint64_t on_time, uint64_t late) {
    counters.turn_time.counts[3] += on_time;
    counters.turn_time.counts[12] += late;
    counters.turns_late += late;
    clock.advance(1s);
    timers.advance(clock.now());
    return lag.late();
  }
};

TEST_F(Sound, ThreadsThatAreLateInMostTurnsForTwoSecondsAreLate) {
  EXPECT_EQ(after_second(0, 100), 0) << "the first second";
  EXPECT_EQ(after_second(10, 90), 0.9);
  EXPECT_EQ(after_second(80, 20), 0.2) << "and no longer";
}

TEST_F(Sound, APauseIsNone) {
  EXPECT_EQ(after_second(900, 0), 0);
  EXPECT_EQ(after_second(0, 20), 0);
  EXPECT_EQ(after_second(900, 0), 0);
}

TEST_F(Sound, AFewTurnsTellNothing) {
  after_second(0, 3);
  EXPECT_EQ(after_second(0, 3), 0);
}

}  // namespace
}  // namespace sotto::telephony
