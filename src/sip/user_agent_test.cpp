#include "sip/user_agent.h"

#include <gtest/gtest.h>

#include "sip/registrar.h"
#include "sip/test_network.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using test::Network;
using test::Peer;

struct UserAgentTest : testing::Test {
  Network network{1};
  Peer ann{network, "192.0.2.1"};
  Peer bob{network, "192.0.2.2"};

  // A confirmed call from Ann to Bob.
  SessionId talk(std::string offer = "offer") {
    const SessionId id = ann.call(bob, std::move(offer));
    network.run(10ms);
    EXPECT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
    network.run(10ms);
    return id;
  }
  void expect_all_freed() {
    network.run(70s);
    for (const Peer* peer : {&ann, &bob}) {
      EXPECT_EQ(peer->agent.counts().sessions, 0u);
      EXPECT_EQ(peer->agent.counts().client_transactions, 0u);
      EXPECT_EQ(peer->agent.counts().server_transactions, 0u);
    }
    EXPECT_EQ(network.timers.pending(), 0u);
  }
};
using Lines = std::vector<std::string>;

TEST_F(UserAgentTest, CallRingsIsAnsweredAndEndsWithReason) {
  const SessionId id = ann.call(bob, "offer", {{"X-Campaign", "summer"}});
  network.run(5ms);
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 180}));
  network.run(5ms);
  ASSERT_TRUE(bob.agent.answer(bob.last, {.sdp = "answer"}));
  network.run(5ms);
  ASSERT_TRUE(ann.agent.hang_up(id, {.reason_header = "Q.850;cause=16"}));
  network.run(5ms);
  EXPECT_EQ(ann.log, (Lines{"progress 180 ", "answered answer", "ended local answered 0"}));
  EXPECT_EQ(bob.log, (Lines{"invite offer", "campaign summer", "confirmed ",
                            "ended remote answered 0 Q.850;cause=16"}));
  expect_all_freed();
}

TEST_F(UserAgentTest, CancelBeforeAndAfterRinging) {
  ann.agent.hang_up(ann.call(bob));
  network.run(1s);
  EXPECT_EQ(ann.log, (Lines{"ended local 487"}));
  EXPECT_EQ(bob.log, (Lines{"invite offer", "ended remote 487"}));
  expect_all_freed();
}

TEST_F(UserAgentTest, AnswerThatCrossesTheCancelIsEndedByBye) {
  const SessionId id = ann.call(bob);
  network.run(5ms);
  bob.agent.progress(bob.last, {});
  network.run(5ms);
  ann.agent.hang_up(id);
  bob.agent.answer(bob.last, {.sdp = "answer"});
  network.run(1s);
  EXPECT_EQ(ann.log.back(), "ended local answered 0");
  EXPECT_EQ(bob.log.back(), "ended remote answered 0");
  expect_all_freed();
}

TEST_F(UserAgentTest, RejectAndNoAnswerAtAll) {
  ann.call(bob);
  network.run(5ms);
  bob.agent.reject(bob.last, {.status = 486});
  network.run(5ms);
  EXPECT_EQ(ann.log.back(), "ended remote 486");
  network.conditions.loss_percent = 100;
  ann.call(bob);
  network.run(40s);
  EXPECT_EQ(ann.log.back(), "ended network 408");
  expect_all_freed();
}

TEST_F(UserAgentTest, LateOfferIsAnsweredInTheAck) {
  talk("");
  EXPECT_EQ(ann.log, (Lines{"answered answer?"}));
  EXPECT_EQ(bob.log, (Lines{"invite ", "confirmed late answer"}));
}

TEST_F(UserAgentTest, ReliableProvisionalIsRepeatedUntilItsPrack) {
  const SessionId id = ann.call(bob);
  network.run(5ms);
  network.conditions.loss_percent = 100;
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 183, .sdp = "answer", .reliable = true}));
  network.run(400ms);
  network.conditions.loss_percent = 0;
  network.run(10s);
  EXPECT_EQ(ann.log, (Lines{"progress 183 answer"}));
  ASSERT_TRUE(bob.agent.answer(bob.last, {}));
  network.run(1s);
  EXPECT_EQ(ann.log.back(), "answered answer");
  ann.agent.hang_up(id);
  expect_all_freed();
}

TEST_F(UserAgentTest, LateOfferInReliableProvisionalIsAnsweredInPrack) {
  ann.call(bob, "");
  network.run(5ms);
  EXPECT_EQ(bob.agent.progress(bob.last, {.status = 183, .sdp = "x"}).error().code, ErrorCode::Conflict);
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 183, .sdp = "their offer", .reliable = true}));
  network.run(5ms);
  EXPECT_EQ(ann.log, (Lines{"progress 183 their offer?"}));
  EXPECT_EQ(bob.log.back(), "early early answer");
}

TEST_F(UserAgentTest, ReinviteAndUpdateBothWays) {
  const SessionId id = talk();
  ASSERT_TRUE(ann.agent.offer(id, "hold"));
  network.run(100ms);
  EXPECT_EQ(bob.log.back(), "offer hold");
  EXPECT_EQ(ann.log.back(), "offer answered re-answer");
  ASSERT_TRUE(bob.agent.offer(bob.last, "resume", OfferMethod::Update));
  network.run(100ms);
  EXPECT_EQ(ann.log.back(), "offer resume");
  EXPECT_EQ(bob.log.back(), "offer answered re-answer");
  ASSERT_TRUE(bob.agent.offer(bob.last, ""));
  network.run(100ms);
  EXPECT_TRUE(ann.heard("offer "));
  EXPECT_EQ(bob.log.back(), "offer re-answer");
  EXPECT_EQ(ann.log.back(), "offer answered re-answer");
  ASSERT_TRUE(ann.agent.offer(id, "after"));
  network.run(100ms);
  EXPECT_EQ(ann.log.back(), "offer answered re-answer");
  ann.answer_offers = false;
  ASSERT_TRUE(bob.agent.offer(bob.last, "bad"));
  network.run(10ms);
  ASSERT_TRUE(ann.agent.refuse_offer(id));
  network.run(100ms);
  EXPECT_EQ(bob.log.back(), "offer refused 488");
}

TEST_F(UserAgentTest, GlareIsRetriedByBothSides) {
  const SessionId id = talk();
  ASSERT_TRUE(ann.agent.offer(id, "from ann"));
  ASSERT_TRUE(bob.agent.offer(bob.last, "from bob"));
  network.run(10s);
  EXPECT_TRUE(bob.heard("offer from ann"));
  EXPECT_TRUE(ann.heard("offer from bob"));
  EXPECT_TRUE(ann.heard("offer answered re-answer"));
  EXPECT_TRUE(bob.heard("offer answered re-answer"));
}

TEST_F(UserAgentTest, SessionIsRefreshedAndAlsoEndsWithoutRefresh) {
  talk();
  network.run(3600s * 2);
  EXPECT_EQ(ann.agent.counts().sessions, 1u);
  EXPECT_EQ(bob.agent.counts().sessions, 1u);
  network.conditions.loss_percent = 100;
  network.run(3600s);
  EXPECT_EQ(ann.log.back().substr(0, 13), "ended network");
  EXPECT_EQ(bob.log.back().substr(0, 13), "ended network");
  expect_all_freed();
}

TEST_F(UserAgentTest, InfoReferAndNotify) {
  const SessionId id = talk();
  ASSERT_TRUE(ann.agent.info(id, "application/dtmf-relay", "Signal=5"));
  network.run(10ms);
  EXPECT_EQ(bob.log.back(), "info application/dtmf-relay Signal=5");
  ASSERT_TRUE(ann.agent.refer(id, "sip:carol@192.0.2.3", "c1@host;to-tag=a;from-tag=b"));
  network.run(10ms);
  EXPECT_EQ(bob.log.back(), "refer sip:carol@192.0.2.3 c1@host;to-tag=a;from-tag=b");
  ASSERT_TRUE(bob.agent.notify_refer(bob.last, bob.transfer, 200, true));
  network.run(10ms);
  EXPECT_TRUE(ann.heard("transfer 202"));
  EXPECT_TRUE(ann.heard("transfer 100"));
  EXPECT_EQ(ann.log.back(), "transfer 200 done");
}

TEST_F(UserAgentTest, AnInviteAndWhatBelongsToItSaysHowOftenItMayBePassedOn) {
  const auto id = ann.agent.invite({.target = "sip:bob@192.0.2.2",
                                    .flow = Flow{.peer = bob.address},
                                    .from = "<sip:ann@example.com>",
                                    .sdp = "offer",
                                    .max_forwards = 3});
  ASSERT_TRUE(id);
  uint32_t received = 0;
  bob.invited = [&](SessionId, const Invite& invite) { received = invite.message.max_forwards.value_or(0); };
  network.run(10ms);
  EXPECT_EQ(received, 3u);
  ASSERT_TRUE(bob.agent.progress(bob.last, {.status = 180}));
  network.run(10ms);
  ASSERT_TRUE(ann.agent.hang_up(*id));
  network.run(10ms);
  const auto cancel = std::find_if(network.sent.begin(), network.sent.end(),
                                   [](const std::string& text) { return text.starts_with("CANCEL "); });
  ASSERT_NE(cancel, network.sent.end());
  EXPECT_NE(cancel->find("Max-Forwards: 3\r\n"), std::string::npos);
  expect_all_freed();
}

TEST_F(UserAgentTest, ReplacesNamesTheSession) {
  talk();
  const SessionId old = bob.last;
  Peer carol(network, "192.0.2.3");
  // Ann hands her view of the call to Carol.
  const auto value = ann.agent.replaces_value(SessionId{1});
  ASSERT_TRUE(value);
  carol.call(bob, "take over", {{"Replaces", *value}});
  network.run(10ms);
  EXPECT_EQ(bob.replaces, old);
  carol.call(bob, "unknown", {{"Replaces", "x;to-tag=1;from-tag=2"}});
  network.run(10ms);
  EXPECT_EQ(carol.log.back(), "ended remote 481");
}

struct Users : Credentials {
  std::optional<std::string> ha1(std::string_view user, std::string_view realm,
                                 DigestAlgorithm algorithm) override {
    if (user != "ann") return std::nullopt;
    return sip::ha1(algorithm, user, realm, "secret");
  }
};
struct ChallengeAll : AccessPolicy {
  Access access(const Message&, const Flow&) override { return Access::Challenge; }
};

TEST_F(UserAgentTest, ChallengedCallIsRetriedWithCredentials) {
  Users users;
  ChallengeAll policy;
  Registrar registrar(users, network.random, "sotto");
  Peer server(network, "192.0.2.9", &policy, &registrar);
  const SessionId id = ann.call(server);
  network.run(10ms);
  EXPECT_EQ(server.log, (Lines{"invite offer by ann"}));
  ann.agent.hang_up(id);
  network.run(10ms);
}

TEST_F(UserAgentTest, RefusedSourceIsSilencedAfterThreeAnswers) {
  struct RefuseAll : AccessPolicy {
    Access access(const Message&, const Flow&) override { return Access::Refuse; }
  } policy;
  Peer server(network, "192.0.2.9", &policy);
  for (int i = 0; i < 6; ++i) ann.call(server), network.run(100ms);
  EXPECT_EQ(std::count(ann.log.begin(), ann.log.end(), "ended remote 403"), 4);
  EXPECT_GT(server.agent.counts().messages_dropped, 0u);
}

TEST_F(UserAgentTest, OptionsIsAnsweredAndRefusedWhileCallsAre) {
  const UserAgent::Request probe{
      .target = "sip:192.0.2.2", .flow = {.peer = bob.address}, .from = "<sip:me@192.0.2.1>"};
  ASSERT_TRUE(ann.agent.request(probe));
  network.run(10ms);
  EXPECT_EQ(ann.log.back(), "response 200");
  bob.load.lag = 1s;
  ASSERT_TRUE(ann.agent.request(probe));
  network.run(10ms);
  EXPECT_EQ(ann.log.back(), "response 503");
}

}  // namespace
}  // namespace sotto::sip
