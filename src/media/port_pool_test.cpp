#include "media/port_pool.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "media/own_loopback.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

// A range with one pair.
struct OnePair : testing::Test {
  PortPool pool = *PortPool::create(*SocketAddress::parse(own_loopback(), 0), 31'301, 31'303);
  base::FakeClock clock;
  PortPair pair = *pool.take(clock.now());
  Descriptor other{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

  void send_to(uint16_t port) const {
    const SocketAddress to = *SocketAddress::parse(own_loopback(), port);
    ASSERT_EQ(::sendto(other.get(), "late", 4, 0, to.raw(), to.length()), 4);
  }
  Result<PortPair> take_after(base::Duration time) { return pool.take(clock.now() + time); }
};

TEST_F(OnePair, IsGivenOutAgainAfterItsRest) {
  EXPECT_EQ(pair.port, 31'302);
  pool.give_back(std::move(pair), clock.now());
  EXPECT_FALSE(take_after(499ms));
  EXPECT_TRUE(take_after(500ms));
  EXPECT_FALSE(PortPool::create(*SocketAddress::parse(own_loopback(), 0), 31'301, 31'302));
}

TEST_F(OnePair, RestsForLongerWhereSomebodyStillSent) {
  for (const auto port : {uint16_t{31'302}, uint16_t{31'303}}) {
    pool.give_back(std::move(pair), clock.now());
    send_to(port);
    clock.advance(500ms);
    EXPECT_FALSE(pool.take(clock.now()));
    EXPECT_FALSE(take_after(4999ms));
    clock.advance(5s);
    auto again = pool.take(clock.now());
    ASSERT_TRUE(again);
    pair = std::move(*again);
    std::byte first{};
    EXPECT_LT(::recv(pair.rtp.get(), &first, 1, MSG_DONTWAIT), 0) << "what came late is not the next call's";
  }
}

// The far end closed its port first, and our last packet came back as an error.
TEST_F(OnePair, TakesAnErrorForSilence) {
  const SocketAddress far = *SocketAddress::parse(own_loopback(), 9);
  ASSERT_EQ(::connect(pair.rtp.get(), far.raw(), far.length()), 0);
  ASSERT_EQ(::send(pair.rtp.get(), "last", 4, 0), 4);
  pool.give_back(std::move(pair), clock.now());
  EXPECT_TRUE(take_after(500ms));
}

// A leg's socket is connected to its far end; the next leg has another.
TEST_F(OnePair, HearsAnybodyWhenItIsTakenAgain) {
  const SocketAddress far = *SocketAddress::parse(own_loopback(), 9);
  ASSERT_EQ(::connect(pair.rtp.get(), far.raw(), far.length()), 0);
  pool.give_back(std::move(pair), clock.now());
  const auto again = take_after(500ms);
  ASSERT_TRUE(again);
  send_to(31'302);
  std::byte first{};
  EXPECT_EQ(::recv(again->rtp.get(), &first, 1, MSG_DONTWAIT), 1);
}

}  // namespace
}  // namespace sotto::media
