#include "rtp/latch.h"

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

using IntLatch = Latch<int>;
using Verdict = IntLatch::Verdict;
using Trust = IntLatch::Trust;

TEST(Latch, TheFirstSourceIsFollowedAndAnotherDropped) {
  IntLatch latch(1);
  EXPECT_EQ(latch.target(), 1);
  EXPECT_EQ(latch.on_packet(2, Trust::Plain), Verdict::AcceptAndFollow);
  EXPECT_EQ(latch.on_packet(2, Trust::Plain), Verdict::Accept);
  EXPECT_EQ(latch.on_packet(1, Trust::Plain), Verdict::Drop);
  EXPECT_EQ(latch.target(), 2);
  EXPECT_EQ(latch.dropped(), 1U);
}

TEST(Latch, AnAuthenticatedSourceMayMove) {
  IntLatch latch(1);
  EXPECT_EQ(latch.on_packet(1, Trust::Authenticated), Verdict::Accept);
  EXPECT_EQ(latch.on_packet(3, Trust::Authenticated), Verdict::AcceptAndFollow);
  EXPECT_EQ(latch.target(), 3);
}

TEST(Latch, AReInviteAllowsOneNewSource) {
  IntLatch latch(1);
  latch.on_packet(2, Trust::Plain);
  latch.rearm(4);
  EXPECT_EQ(latch.target(), 4);
  EXPECT_FALSE(latch.latched());
  EXPECT_EQ(latch.on_packet(5, Trust::Plain), Verdict::AcceptAndFollow);
  EXPECT_EQ(latch.on_packet(2, Trust::Plain), Verdict::Drop);
}

}  // namespace
}  // namespace sotto::rtp
