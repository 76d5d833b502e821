// Cases of RFC 3261 and its extensions that two well-behaved user agents never show each other.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "sip/registrar.h"
#include "sip/test_network.h"
#include "sip/transactions.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using test::Network;
using test::Peer;
using Lines = std::vector<std::string>;

// Something on the network that sends and is sent bytes.
struct Raw {
  Raw(Network& network_in, std::string_view ip) : network(network_in), address(*parse_ip(ip, 5060)) {
    network.attach(address,
                   [this](const Flow&, base::ByteView bytes) { got.emplace_back(base::as_text(bytes)); });
  }
  void send(const Peer& to, const std::string& text) {
    network.send(address, to.address, base::as_bytes(text));
  }
  size_t count(std::string_view text) const {
    return static_cast<size_t>(std::count_if(
        got.begin(), got.end(), [&](const auto& one) { return one.find(text) != std::string::npos; }));
  }
  // The last message that begins like that.
  Message last(std::string_view start) const {
    for (auto it = got.rbegin(); it != got.rend(); ++it) {
      if (it->starts_with(start)) return std::move(*parse_message(base::as_bytes(*it)));
    }
    ADD_FAILURE() << "no " << start;
    return {};
  }
  void respond(const Peer& to, const Message& request, int status, std::string_view tag,
               std::string_view headers = {}, std::string_view sdp = {}) {
    MessageWriter out = begin_response(request, Flow{.peer = to.address}, status, {}, tag);
    out.header(HeaderName::Contact, "<sip:device@" + to_string(address) + ">").add(headers);
    send(to, out.finish("application/sdp", sdp));
  }

  Network& network;
  const Address address;
  std::vector<std::string> got;
};

std::string request(std::string_view method, std::string_view branch, std::string_view cseq,
                    std::string_view extra = {}, std::string_view sdp = {}, std::string_view to_tag = {}) {
  MessageWriter out;
  out.request_line(method, "sip:bob@192.0.2.2");
  out.header("Via", "SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK" + std::string(branch));
  out.header("From", "<sip:raw@192.0.2.9>;tag=raw").header("Call-ID", "raw-call").header("CSeq", cseq);
  out.header("To", "<sip:bob@192.0.2.2>" + (to_tag.empty() ? "" : ";tag=" + std::string(to_tag)));
  out.header("Contact", "<sip:raw@192.0.2.9>").header("Max-Forwards", "70").add(extra);
  return out.finish("application/sdp", sdp);
}

struct DialogCasesTest : testing::Test {
  SessionId call_device() {
    auto id = ann.agent.invite({.target = "sip:x@192.0.2.9",
                                .flow = Flow{.peer = device.address},
                                .from = "<sip:ann@example.com>",
                                .sdp = "offer"});
    network.run(10ms);
    return id.value_or(SessionId::None);
  }
  Network network{1};
  Peer ann{network, "192.0.2.1"};
  Peer bob{network, "192.0.2.2"};
  Raw device{network, "192.0.2.9"};
};

TEST_F(DialogCasesTest, TheAcknowledgementGoesToTheProxyThatStaysInTheRoute) {
  const Raw proxy{network, "192.0.2.8"};
  call_device();
  device.respond(ann, device.last("INVITE"), 200, "b",
                 "Record-Route: <sip:192.0.2.8;lr;ftag=a-tag-that-is-as-long-as-they-are>\r\n", "answer");
  network.run(10ms);
  EXPECT_EQ(proxy.count("ACK sip:device@192.0.2.9:5060 "), 1u);
  EXPECT_EQ(device.count("ACK "), 0u);
}

TEST_F(DialogCasesTest, AReInviteThatIsNeverAnsweredIsForgottenAfterTheCall) {
  const SessionId session = call_device();
  device.respond(ann, device.last("INVITE"), 200, "b", {}, "answer");
  network.run(10ms);
  ASSERT_TRUE(ann.agent.offer(session, "re-offer").has_value());
  network.run(10ms);
  device.respond(ann, device.last("INVITE"), 180, "b");
  network.run(10ms);
  ASSERT_TRUE(ann.agent.hang_up(session).has_value());
  network.run(64s);
  EXPECT_EQ(ann.agent.counts().client_transactions, 0u);
}

TEST_F(DialogCasesTest, AnInviteIsForgottenThatIsNeverAnsweredAndWhoseCalleeSaysGoodbye) {
  call_device();
  const Message invite = device.last("INVITE");
  device.respond(ann, invite, 100, "");
  MessageWriter bye;
  bye.request_line("BYE", "sip:ann@192.0.2.1")
      .header("Via", "SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bKbye");
  bye.header("From", "<sip:x@192.0.2.9>;tag=b")
      .header("To", invite.from.text)
      .header("Call-ID", invite.call_id);
  device.send(ann, bye.header("CSeq", "1 BYE").header("Max-Forwards", "70").finish());
  network.run(10ms);
  EXPECT_EQ(ann.agent.counts().sessions, 0u);
  EXPECT_EQ(ann.agent.counts().client_transactions, 1u) << "it may yet be answered, and would be ended";
  network.run(64s);
  EXPECT_EQ(ann.agent.counts().client_transactions, 0u);
}

TEST_F(DialogCasesTest, OfTwoForksThatAnswerTheSecondIsAcknowledgedAndEnded) {
  call_device();
  const Message invite = device.last("INVITE");
  device.respond(ann, invite, 180, "first");
  device.respond(ann, invite, 183, "second", {}, "early");
  device.respond(ann, invite, 200, "second", {}, "answer of the second");
  device.respond(ann, invite, 200, "first", {}, "answer of the first");
  network.run(100ms);
  EXPECT_EQ(ann.log, (Lines{"progress 180 ", "progress 183 early", "answered answer of the second"}));
  EXPECT_EQ(device.count("ACK sip:device@"), 2u);
  EXPECT_EQ(device.count("BYE sip:device@"), 1u);
  EXPECT_NE(device.last("BYE").to.text.find("tag=first"), std::string_view::npos);
  EXPECT_EQ(ann.agent.counts().sessions, 1u);
}

TEST_F(DialogCasesTest, AnIntervalThatIsTooSmallIsAskedAgainWithTheirs) {
  call_device();
  device.respond(ann, device.last("INVITE"), 422, "x", "Min-SE: 3600\r\n");
  network.run(10ms);
  EXPECT_EQ(device.count("ACK "), 1u);
  const Message again = device.last("INVITE");
  EXPECT_EQ(again.value(HeaderName::SessionExpires), "3600");
  EXPECT_EQ(again.cseq.number, 2u);
  device.respond(ann, again, 422, "x", "Min-SE: 90\r\n");
  network.run(10ms);
  EXPECT_EQ(ann.log, (Lines{"ended remote 422"}));
}

TEST_F(DialogCasesTest, AnOfferInAPrackIsAnsweredInItsResponse) {
  device.send(bob, request("INVITE", "1", "1 INVITE", "Supported: 100rel\r\n", "offer"));
  network.run(10ms);
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 183, .sdp = "answer", .reliable = true}));
  network.run(10ms);
  const Message reliable = device.last("SIP/2.0 183");
  const std::string rack = "RAck: " + std::string(reliable.value(HeaderName::RSeq)) + " 1 INVITE\r\n";
  device.send(bob, request("PRACK", "2", "2 PRACK", rack, "second offer", reliable.to.tag()));
  network.run(10ms);
  EXPECT_EQ(bob.log.back(), "offer second offer");
  const Message response = device.last("SIP/2.0 200");
  EXPECT_EQ(response.method, Method::Prack);
  EXPECT_EQ(response.body, "re-answer");
}

TEST_F(DialogCasesTest, WhoRequiresReliableProvisionalsGetsThem) {
  device.send(bob, request("INVITE", "1", "1 INVITE", "Require: 100rel\r\n", "offer"));
  network.run(10ms);
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 180}));
  network.run(10ms);
  EXPECT_FALSE(device.last("SIP/2.0 180").value(HeaderName::RSeq).empty());
}

TEST_F(DialogCasesTest, ARequestThatCameTwoWaysIsALoop) {
  device.send(bob, request("INVITE", "one", "1 INVITE", {}, "offer"));
  device.send(bob, request("INVITE", "two", "1 INVITE", {}, "offer"));
  network.run(10ms);
  EXPECT_EQ(bob.sessions.size(), 1u);
  EXPECT_EQ(device.count("SIP/2.0 482"), 1u);
}

TEST_F(DialogCasesTest, ScannersAreCounted) {
  device.send(bob, request("OPTIONS", "one", "1 OPTIONS", "User-Agent: friendly-scanner\r\n"));
  device.send(bob, request("INVITE", "two", "2 INVITE", "User-Agent: SIPVicious/0.3\r\n", "offer"));
  device.send(bob, request("OPTIONS", "three", "3 OPTIONS", "User-Agent: My friendly-scanner phone\r\n"));
  device.send(bob, request("OPTIONS", "four", "4 OPTIONS"));
  network.run(10ms);
  EXPECT_EQ(bob.agent.counts().scanners, 2u);
}

TEST_F(DialogCasesTest, ASourceHasSoManyOpenTransactionsAndThenIsBusy) {
  for (size_t i = 0; i <= base::limits::kSipTransactionsPerSourceMax; ++i) {
    device.send(bob, request("INVITE", std::to_string(i), std::to_string(i + 1) + " INVITE", {}, "offer"));
  }
  network.run(10ms);
  EXPECT_EQ(bob.sessions.size(), base::limits::kSipTransactionsPerSourceMax);
  EXPECT_EQ(device.count("SIP/2.0 503"), 1u);
  EXPECT_EQ(bob.agent.counts().refused_busy, 1u);
  ann.call(bob);
  network.run(10ms);
  EXPECT_EQ(bob.sessions.size(), base::limits::kSipTransactionsPerSourceMax + 1)
      << "others are served all the same";
  for (const SessionId id : bob.sessions) ASSERT_TRUE(bob.agent.reject(id, {}));
  device.send(bob, request("OPTIONS", "more", "1 OPTIONS"));
  network.run(10ms);
  EXPECT_EQ(device.count("SIP/2.0 200"), 1u) << "what is answered counts no more";
  network.run(40s);
  EXPECT_EQ(bob.agent.counts().server_transactions, 0u);
}

TEST_F(DialogCasesTest, WhatIsLeftOfAnsweredTransactionsIsBoundedAndTheOldestGo) {
  const size_t many = kLeftoversMax + 100;
  for (size_t i = 0; i < many; ++i) {
    device.send(bob, request("OPTIONS", std::to_string(i), std::to_string(i + 1) + " OPTIONS"));
    if (i % 1000 == 0) network.run(1ms);
  }
  network.run(10ms);
  EXPECT_EQ(bob.agent.counts().server_transactions, kLeftoversMax);
  EXPECT_EQ(bob.agent.counts().refused_busy, 0u);
  network.run(40s);
  EXPECT_EQ(bob.agent.counts().server_transactions, 0u);
}

TEST_F(DialogCasesTest, UpdatesThatCrossAreTriedAgainByBothSides) {
  const SessionId id = ann.call(bob);
  network.run(10ms);
  ASSERT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
  network.run(10ms);
  ASSERT_TRUE(ann.agent.offer(id, "from ann", OfferMethod::Update));
  ASSERT_TRUE(bob.agent.offer(bob.last, "from bob", OfferMethod::Update));
  network.run(10s);
  EXPECT_TRUE(bob.heard("offer from ann"));
  EXPECT_TRUE(ann.heard("offer from bob"));
  EXPECT_TRUE(ann.heard("offer answered re-answer"));
  EXPECT_TRUE(bob.heard("offer answered re-answer"));
}

TEST_F(DialogCasesTest, AnInviteThatIsGivenUpIsCancelledShouldItRingAfterAll) {
  auto id = ann.agent.invite({.target = "sip:x@192.0.2.9",
                              .flow = Flow{.peer = device.address},
                              .from = "<sip:ann@example.com>",
                              .sdp = "offer",
                              .silence_max = 2s});
  ASSERT_TRUE(id);
  network.run(3s);
  EXPECT_EQ(ann.log, (Lines{"ended network 408"}));
  const size_t invites = device.count("INVITE sip:x");
  network.run(5s);
  EXPECT_EQ(device.count("INVITE sip:x"), invites) << "it is not repeated";
  device.respond(ann, device.last("INVITE"), 180, "x");
  network.run(10ms);
  EXPECT_EQ(device.count("CANCEL sip:x"), 1u);
}

TEST_F(DialogCasesTest, ChallengesThatNobodyAnswersEndInSilence) {
  struct Nobody : Credentials {
    std::optional<std::string> ha1(std::string_view, std::string_view, DigestAlgorithm) override {
      return std::nullopt;
    }
  } nobody;
  struct ChallengeAll : AccessPolicy {
    Access access(const Message&, const Flow&) override { return Access::Challenge; }
  } policy;
  Registrar registrar(nobody, network.random, "sotto");
  Peer server(network, "192.0.2.50", &policy, &registrar);
  for (size_t i = 0; i < base::limits::kSipChallengesUnansweredMax + 50; ++i) {
    device.send(server, request("REGISTER", "r" + std::to_string(i), std::to_string(i + 1) + " REGISTER"));
    network.run(2ms);
  }
  EXPECT_EQ(device.count("SIP/2.0 401"), base::limits::kSipChallengesUnansweredMax + 1);
  EXPECT_GT(server.agent.counts().messages_dropped, 0u);
}

// One phone with an old password must not take the line of all others behind its address.
TEST_F(DialogCasesTest, WrongPasswordsOverAConnectionSilenceItAlone) {
  struct Nobody : Credentials {
    std::optional<std::string> ha1(std::string_view, std::string_view, DigestAlgorithm) override {
      return std::nullopt;
    }
  } nobody;
  Registrar registrar(nobody, network.random, "sotto");
  Peer server(network, "192.0.2.50", nullptr, &registrar);
  size_t sent = 0;
  const auto answers = [&](Protocol protocol, uint32_t connection, size_t tries) {
    device.got.clear();
    for (size_t i = 0; i < tries; ++i) {
      const std::string number = std::to_string(++sent);
      const std::string text =
          request("REGISTER", "w" + number, number + " REGISTER",
                  "Authorization: Digest username=\"a\", realm=\"sotto\", nonce=\"n\", "
                  "uri=\"sip:x\", response=\"00\", qop=auth, nc=00000001, cnonce=\"c\"\r\n");
      server.agent.receive(Flow{protocol, connection, device.address}, base::as_bytes(text));
      network.run(2ms);
    }
    return device.count("SIP/2.0 403");
  };
  constexpr size_t kAnswered = base::limits::kSipUnknownSourceAnswersMax + 1;
  EXPECT_EQ(answers(Protocol::Tls, 1, 10), kAnswered);
  EXPECT_EQ(answers(Protocol::Tls, 2, 10), kAnswered);
  server.agent.connection_closed(1);
  EXPECT_EQ(answers(Protocol::Tls, 1, 1), 1u);
  // Datagrams name nobody but their address; and no address may try without end.
  EXPECT_EQ(answers(Protocol::Udp, 0, 10), kAnswered);
  EXPECT_EQ(answers(Protocol::Tls, 3, 1), 1u);
  size_t guessed = 0;
  for (uint32_t connection = 4; connection < 100; ++connection)
    guessed += answers(Protocol::Tls, connection, 4);
  EXPECT_LE(guessed, base::limits::kSipChallengesUnansweredMax);
}

}  // namespace
}  // namespace sotto::sip
