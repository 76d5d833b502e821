// Overload: which messages are still served, and what the others get.
#include "sip/call_gate.h"

#include <gtest/gtest.h>

#include "sip/busy_answer.h"
#include "sip/registrar.h"
#include "sip/test_network.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;

std::string invite(std::string_view via, std::string_view to = "<sip:bob@192.0.2.2>",
                   std::string_view more = "") {
  MessageWriter out;
  out.request_line("INVITE", "sip:bob@192.0.2.2").header("Via", via);
  out.header("From", "<sip:raw@192.0.2.9>;tag=raw").header("To", to);
  out.header("Call-ID", "raw-call").header("CSeq", "1 INVITE").header("Max-Forwards", "70");
  return out.add(more).finish("application/sdp", "offer");
}

bool begins_call(const std::string& text) {
  return read_beginning(text).has_value();
}

struct CallGateTest : testing::Test {
  CallGateTest() {
    network.attach(raw.peer,
                   [this](const Flow&, base::ByteView bytes) { got.emplace_back(base::as_text(bytes)); });
  }
  void send(const std::string& text) {
    network.send(raw.peer, bob.address, base::as_bytes(text));
    network.run(10ms);
  }
  size_t server_transactions() const { return bob.agent.counts().server_transactions; }

  test::Network network{7};
  test::Peer ann{network, "192.0.2.1"};
  test::Peer bob{network, "192.0.2.2"};
  const Flow raw{.peer = *parse_ip("192.0.2.9", 5060)};
  const std::string via = "SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK";
  std::vector<std::string> got;
};

TEST_F(CallGateTest, ACallThatBeginsGets503WithRetryAfterAndNothingIsMadeOfIt) {
  bob.load.backlog = 0.6;
  ann.call(bob);
  network.run(50ms);
  EXPECT_TRUE(ann.heard("ended remote 503"));
  EXPECT_NE(network.sent[1].find("SIP/2.0 503 "), std::string::npos);
  EXPECT_NE(network.sent[1].find("Retry-After: 5\r\n"), std::string::npos);
  EXPECT_TRUE(network.sent[2].starts_with("ACK "));
  EXPECT_EQ(bob.agent.counts().refused_overload, 1u);
  EXPECT_EQ(bob.agent.counts().sessions, 0u);
  EXPECT_EQ(server_transactions(), 0u);
  EXPECT_EQ(bob.agent.counts().messages_dropped, 0u) << "the ACK is expected";
}

TEST_F(CallGateTest, WhatBelongsToACallThatIsUpIsServed) {
  const SessionId id = ann.call(bob);
  network.run(10ms);
  bob.load.backlog = 1;
  ASSERT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
  network.run(10ms);
  ASSERT_TRUE(ann.agent.offer(id, "again"));
  network.run(10ms);
  EXPECT_TRUE(ann.heard("offer answered re-answer"));
  ASSERT_TRUE(ann.agent.hang_up(id));
  network.run(10ms);
  EXPECT_TRUE(bob.heard("ended remote answered 0"));
}

TEST_F(CallGateTest, UnderAFloodCallersAreNotHeardUntilItIsOver) {
  bob.load.backlog = 1;
  ann.call(bob);
  network.run(300ms);
  EXPECT_EQ(network.sent.size(), 1u) << "no answer";
  EXPECT_EQ(bob.agent.counts().dropped_overload, 1u);
  bob.load.backlog = 0;
  network.run(500ms);
  EXPECT_TRUE(bob.heard("invite offer")) << "it was sent again";
}

TEST_F(CallGateTest, SoManyAreAnsweredAtOnceAndTheRestIsNotHeard) {
  bob.load.backlog = 0.6;
  for (int i = 0; i < 600; ++i) bob.agent.receive(raw, base::as_bytes(invite(via + std::to_string(i))));
  EXPECT_EQ(bob.agent.counts().refused_overload, 500u);
  EXPECT_EQ(bob.agent.counts().dropped_overload, 100u);
  network.run(10ms);
  for (int i = 0; i < 100; ++i) bob.agent.receive(raw, base::as_bytes(invite(via + "b" + std::to_string(i))));
  EXPECT_EQ(bob.agent.counts().refused_overload, 520u) << "two a millisecond";
}

TEST_F(CallGateTest, OverAStreamThereIsAnAnswerUnderAFloodToo) {
  bob.load.backlog = 1;
  bob.agent.receive(Flow{.protocol = Protocol::Tcp, .connection = 1, .peer = raw.peer},
                    base::as_bytes(invite("SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK1")));
  EXPECT_EQ(bob.agent.counts().refused_overload, 1u);
  EXPECT_NE(network.sent.back().find("SIP/2.0 503 "), std::string::npos);
}

TEST_F(CallGateTest, BothEndsOfAnOverloadAreToldOnce) {
  bob.load.lag = 1s;
  for (int i = 0; i < 20; ++i) {
    ann.call(bob);
    network.run(1s);
    bob.load.lag = i % 2 == 0 ? 0ms : 1s;
  }
  EXPECT_TRUE(bob.agent.counts().overloaded);
  bob.load = {};
  network.run(11s);
  EXPECT_FALSE(bob.agent.counts().overloaded);
  EXPECT_EQ(std::count(bob.log.begin(), bob.log.end(), "overload begins"), 1);
  EXPECT_EQ(std::count(bob.log.begin(), bob.log.end(), "overload ends"), 1);
}

TEST_F(CallGateTest, AnInviteThatWasRefusedDoesNotRingWhenItComesAgain) {
  bob.load.backlog = 0.6;
  send(invite(via + "1"));
  bob.load.backlog = 0;
  send(invite(via + "1"));
  EXPECT_EQ(bob.sessions.size(), 0u);
  EXPECT_EQ(bob.agent.counts().refused_overload, 2u);
  send(invite(via + "2"));
  EXPECT_EQ(bob.sessions.size(), 1u) << "another attempt is another call";
}

TEST_F(CallGateTest, AnInviteOfAnOddShapeIsRefusedByTheStack) {
  bob.load.backlog = 0.6;
  send(invite(via + "1", "<sip:bob@192.0.2.2>", "Subject: folded\r\n line\r\n"));
  EXPECT_EQ(bob.sessions.size(), 0u);
  EXPECT_EQ(bob.agent.counts().refused_busy, 1u);
  ASSERT_FALSE(got.empty());
  EXPECT_NE(got.back().find("Retry-After: 5\r\n"), std::string::npos);
}

TEST_F(CallGateTest, WithoutRportTheAnswerGoesToThePortOfTheVia) {
  std::string other;
  network.attach(*parse_ip("192.0.2.9", 5099),
                 [&](const Flow&, base::ByteView bytes) { other = base::as_text(bytes); });
  bob.load.backlog = 0.6;
  send(invite("SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bK1"));
  EXPECT_TRUE(other.starts_with("SIP/2.0 503 "));
}

TEST(BusyAnswer, RepeatsWhatAResponseHasTo) {
  const std::string text = invite(
      "SIP/2.0/UDP proxy.example.com;rport;branch=z9hG4bK2, SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1",
      "\"Bob\" <sip:bob@192.0.2.2>", "v: SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK0\r\nX-Other: value\r\n");
  const auto beginning = read_beginning(text);
  ASSERT_TRUE(beginning);
  const Flow flow{.peer = *parse_ip("192.0.2.8", 5061)};
  EXPECT_EQ(busy_answer(*beginning, flow, "tag", 7s),
            "SIP/2.0 503 Service Unavailable\r\n"
            "Via: SIP/2.0/UDP proxy.example.com;branch=z9hG4bK2;received=192.0.2.8;rport=5061, "
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n"
            "From: <sip:raw@192.0.2.9>;tag=raw\r\n"
            "To: \"Bob\" <sip:bob@192.0.2.2>;tag=tag\r\n"
            "Call-ID: raw-call\r\n"
            "CSeq: 1 INVITE\r\n"
            "Via: SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK0\r\n"
            "Retry-After: 7\r\nContent-Length: 0\r\n\r\n");
}

TEST(BusyAnswer, OnlyAPlainInviteOutsideOfDialogsIsABeginning) {
  const std::string via = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1";
  const std::string good = invite(via);
  EXPECT_TRUE(begins_call(good));
  EXPECT_FALSE(begins_call(invite(via, "<sip:bob@192.0.2.2>;tag=1")));
  EXPECT_FALSE(begins_call(invite(via, "sip:bob@192.0.2.2 ; TAG = 1")));
  EXPECT_TRUE(begins_call(invite(via, "<sip:bob@192.0.2.2;tag=1>"))) << "a parameter of the URI";
  EXPECT_FALSE(begins_call(invite(via, "<sip:bob@192.0.2.2>", "To: <sip:c@192.0.2.2>\r\n")));
  EXPECT_FALSE(begins_call(invite("nonsense")));
  EXPECT_FALSE(begins_call("OPTIONS" + good.substr(6)));
  for (size_t size = 0; size < good.find("\r\n\r\n") + 4; ++size)
    EXPECT_FALSE(begins_call(good.substr(0, size))) << size;
}

TEST(BusyAnswer, WhatMayBelongToACallIsNotPlain) {
  const std::string via = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1";
  const std::string good = invite(via);
  EXPECT_TRUE(is_plain_beginning(good));
  EXPECT_TRUE(is_plain_beginning(invite(via, "sip:bob@192.0.2.2")));
  for (const char* to :
       {"<sip:bob@192.0.2.2>;tag=1", "sip:bob@192.0.2.2 ; TAG = 1", "<sip:b@192.0.2.2>\r\n ;tag=1",
        "<sip:b@192.0.2.2>\r\n\t;tag=1", "\"\" <sip:bob@192.0.2.2>"}) {
    EXPECT_FALSE(is_plain_beginning(invite(via, to))) << to;
  }
  EXPECT_FALSE(is_plain_beginning("OPTIONS" + good.substr(6)));
  const size_t to = good.find("To: ");
  for (size_t size = 0; size < good.find('\n', to) + 2; ++size)
    EXPECT_FALSE(is_plain_beginning(good.substr(0, size))) << size;
}

}  // namespace
}  // namespace sotto::sip
