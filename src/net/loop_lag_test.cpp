#include "net/loop_lag.h"

#include <gtest/gtest.h>

namespace sotto::net {
namespace {
using namespace std::chrono_literals;

// Keeps the loop busy for that long at a stretch.
void work(Loop& loop, base::Duration length) {
  const base::TimePoint end = loop.clock().now() + length;
  while (loop.clock().now() < end) {
  }
}

TEST(LoopLag, IsThatOfALoopWhoseEveryTurnIsLong) {
  Loop loop;
  const LoopLag lag(loop);
  base::Duration most{};
  loop.run_until([&, turns = 0]() mutable {
    most = std::max(most, lag.lag());
    work(loop, 400ms);
    return ++turns == 5;
  });
  EXPECT_GE(most, 200ms);
}

TEST(LoopLag, OnePauseIsNone) {
  Loop loop;
  const LoopLag lag(loop);
  bool over = false;
  base::Duration most{};
  loop.post([&] { work(loop, 1s); });
  const base::TimePoint end = loop.clock().now() + 1500ms;
  loop.run_until([&] {
    most = std::max(most, lag.lag());
    over = over || loop.clock().now() >= end;
    return over;
  });
  EXPECT_LT(most, 800ms);
}

}  // namespace
}  // namespace sotto::net
