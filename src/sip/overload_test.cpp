#include "sip/overload.h"

#include <gtest/gtest.h>

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using enum LoadLevel;

struct Row {
  double backlog;
  base::Duration lag;
  LoadLevel expected;
  const char* why;
};

void check(std::initializer_list<Row> rows) {
  Overload overload;
  for (const Row& row : rows)
    EXPECT_EQ(overload.update({.backlog = row.backlog, .lag = row.lag}), row.expected) << row.why;
}

TEST(Overload, RisesAndFallsWithWhatWaitsToBeRead) {
  check({{0, 0ms, Normal, "nothing waits"},
         {0.49, 0ms, Normal, "a burst is no overload"},
         {0.5, 0ms, Refusing, "half of what may wait does"},
         {0.06, 0ms, Refusing, "less, but not yet little"},
         {0.84, 0ms, Refusing, "refusing holds it"},
         {0.85, 0ms, Dropping, "refusing does not hold it"},
         {0.61, 0ms, Dropping, "not yet"},
         {0.55, 0ms, Refusing, "one step down at a time"},
         {0.04, 0ms, Normal, "over"},
         {0.4, 0ms, Normal, "and a burst is none again"}});
}

TEST(Overload, LetsLessWaitWhereCallsHaveBeenRefusedLately) {
  Overload overload;
  const auto level = [&](double backlog, bool lately) {
    return overload.update({.backlog = backlog}, lately);
  };
  EXPECT_EQ(level(0.09, true), Normal);
  EXPECT_EQ(level(0.1, true), Refusing) << "what stays is no burst";
  EXPECT_EQ(level(0.84, true), Refusing) << "but dropping is for floods alone";
  EXPECT_EQ(level(0.04, true), Normal);
  EXPECT_EQ(level(0.4, false), Normal) << "the next burst is one";
}

TEST(Overload, RisesAndFallsWithTheDelayOfTheThread) {
  check({{0, 900ms, Normal, "a pause"},
         {0, 1s, Refusing, "callers repeat themselves"},
         {0, 500ms, Refusing, "not yet"},
         {0, 300ms, Normal, "over"}});
}

TEST(Overload, ALateThreadRefusesButNeverDrops) {
  check({{0, 60s, Refusing, "late beyond measure"}, {0.9, 60s, Dropping, "with a flood on top"}});
}

TEST(Overload, RisesAndFallsWithSoundThatIsLate) {
  Overload overload;
  const auto level = [&](double late) { return overload.update({.sound_late = late}); };
  EXPECT_EQ(level(0.4), Normal);
  EXPECT_EQ(level(0.5), Refusing);
  EXPECT_EQ(level(1.0), Refusing) << "never dropped";
  EXPECT_EQ(level(0.2), Refusing) << "not yet";
  EXPECT_EQ(level(0.09), Normal);
}

TEST(Overload, AFloodIsDroppedFromOneMomentToTheNextAndEndsSo) {
  check({{1, 0ms, Dropping, "all at once"}, {0, 0ms, Normal, "and gone"}});
}

}  // namespace
}  // namespace sotto::sip
