// Requests that are too large for a datagram (RFC 3261 §18.1.1).
#include <gtest/gtest.h>

#include "base/limits.h"
#include "sip/test_network.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using test::Network;
using test::Peer;

struct LargeRequestTest : testing::Test {
  Network network{1};
  Peer ann{network, "192.0.2.1"};
  Peer bob{network, "192.0.2.2"};
  const std::string offer = std::string(base::limits::kSipDatagramBytesMax, 'x');

  size_t sent(std::string_view text) const {
    return static_cast<size_t>(std::count_if(network.sent.begin(), network.sent.end(), [&](const auto& one) {
      return one.find(text) != std::string::npos;
    }));
  }
};

TEST_F(LargeRequestTest, GoesByTcpAndTheDialogStaysThere) {
  ann.offers_tcp = true;
  const SessionId id = ann.call(bob, offer);
  network.run(10ms);
  EXPECT_EQ(sent("INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060"), 1u);
  EXPECT_EQ(sent("Contact: <sip:sotto@192.0.2.1:5060;transport=tcp>"), 1u);
  ASSERT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
  network.run(10ms);
  ann.agent.hang_up(id);
  network.run(10ms);
  EXPECT_EQ(bob.log.back(), "ended remote answered 0");
  EXPECT_EQ(sent("SIP/2.0/UDP"), 0u);
}

TEST_F(LargeRequestTest, FallsBackToADatagramWhereNothingListens) {
  ann.offers_tcp = true;
  ann.tcp = false;
  ann.call(bob, offer);
  network.run(10ms);
  EXPECT_EQ(bob.log.size(), 1u);
  EXPECT_EQ(sent("INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP"), 1u);
  EXPECT_EQ(sent("transport=tcp"), 0u);
}

TEST_F(LargeRequestTest, StaysADatagramWithoutTcpOrWhereTheTargetInsists) {
  ann.call(bob, offer);
  network.run(10ms);
  ann.offers_tcp = true;
  ASSERT_TRUE(ann.agent.invite({.target = "sip:bob@192.0.2.2;transport=udp",
                                .flow = Flow{.peer = bob.address},
                                .from = "<sip:ann@example.com>",
                                .sdp = offer}));
  network.run(10ms);
  EXPECT_EQ(bob.log.size(), 2u);
  EXPECT_EQ(sent("SIP/2.0/TCP"), 0u);
}

TEST_F(LargeRequestTest, ALargeOfferInTheCallSwitchesToo) {
  const SessionId id = ann.call(bob);
  network.run(10ms);
  ASSERT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
  network.run(10ms);
  ann.offers_tcp = true;
  ann.tcp = false;
  ASSERT_TRUE(ann.agent.offer(id, offer));
  network.run(100ms);
  EXPECT_EQ(ann.log.back(), "offer answered re-answer");
}

}  // namespace
}  // namespace sotto::sip
