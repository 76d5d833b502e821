#include "text/timeline.h"

#include <gtest/gtest.h>

namespace sotto::text {
namespace {

base::WallTime at(int ms) {
  return base::WallTime(std::chrono::milliseconds(ms));
}

TEST(Timeline, DrawsARowForEachName) {
  EXPECT_EQ(
      draw_timeline({{"agent", at(0), at(500)}, {"b", at(500), at(1000)}, {"agent", at(900), at(1000)}}, 10),
      "  agent |#####....#|\n"
      "  b     |.....#####|\n"
      "         0 s  1.0 s\n");
}

TEST(Timeline, AMomentIsOneMarkAndNothingIsNothing) {
  EXPECT_EQ(draw_timeline({}, 10), "");
  EXPECT_EQ(draw_timeline({{"x", at(5), at(5)}}, 8), "  x |#.......|\n     0 s 0.0 s\n");
}

}  // namespace
}  // namespace sotto::text
