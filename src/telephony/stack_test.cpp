// The stack with phones: registration, calls both ways, forks, loops, take-overs.
#include "telephony/stack.h"

#include "telephony/test_stack.h"

namespace sotto::telephony {
namespace {
using namespace std::chrono_literals;
using base::Address;
using call::EndCause;
using test::BarePhone;

struct StackTest : test::World {
  StackTest() { server.set(entities); }

  void register_phone(BarePhone& phone, sip::Protocol protocol = sip::Protocol::Udp) {
    phone.register_at(server, protocol, "secret");
    wait([&] { return phone.heard("response 200"); });
  }
  const Address bob_address{Address::Kind::User, "bob", {}};
  test::Server server{loop};
  BarePhone ann{loop, "ann"};
  BarePhone bob{loop, "bob"};
  BarePhone second{loop, "bob"};
};

TEST_F(StackTest, ARegisteredPhoneIsCalledWhoeverDialsItAndItsExtensionIsKnown) {
  register_phone(bob);
  const auto leg = server.dial(bob_address);
  EXPECT_EQ(server.legs.at(0).origin.extension, "0042*311");
  wait([&] { return server.leg(leg)->state == call::LegState::Ringing; });
  ASSERT_TRUE(bob.agent->answer(bob.last, {.sdp = test::kSdp}));
  wait([&] { return server.leg(leg)->answered() && bob.heard("confirmed"); });
  EXPECT_TRUE(
      bob.received_with({"INVITE sip:bob@", "From: <sip:4930999@pbx.example.com>", "X-Campaign: summer"}));
}

TEST_F(StackTest, AllContactsRingAtOnceAndTheFirstAnswerWins) {
  register_phone(bob);
  register_phone(second, sip::Protocol::Tcp);
  const auto leg = server.dial(bob_address);
  wait([&] { return bob.heard("invite") && second.heard("invite"); });
  ASSERT_TRUE(second.agent->answer(second.last, {.sdp = test::kSdp}));
  wait([&] { return server.leg(leg)->answered() && bob.heard("ended 487"); });
  EXPECT_NE(bob.reason.find("cause=200"), std::string::npos);
  EXPECT_TRUE(second.heard("confirmed"));
}

TEST_F(StackTest, OneDeviceBusyLeavesTheOthersRingingAndADeclineEndsAll) {
  register_phone(bob);
  register_phone(second, sip::Protocol::Tcp);
  bob.respond_with = 486;
  const auto leg = server.dial(bob_address);
  wait([&] { return bob.heard("ended 486") && second.heard("invite"); });
  EXPECT_TRUE(server.leg(leg)->live());
  ASSERT_TRUE(second.agent->reject(second.last, {.status = 603}));
  wait([&] { return server.ends.contains(leg); });
  EXPECT_EQ(server.ends[leg].cause, EndCause::Declined);
}

TEST_F(StackTest, NobodyRegisteredIsUnreachable) {
  const auto leg = server.dial(bob_address);
  wait([&] { return server.ends.contains(leg); });
  EXPECT_EQ(server.ends[leg].cause, EndCause::Unreachable);
}

TEST_F(StackTest, APhonesConnectionIsItsContactAndGoesWithIt) {
  register_phone(bob, sip::Protocol::Tcp);
  bob.transports.reset();
  wait([&] { return server.stack->contacts("bob").empty(); });
}

TEST_F(StackTest, ACallFromAPhoneIsAuthenticatedAndCarriesItsAccount) {
  ann.call(server, "12025550101", "secret");
  wait([&] { return server.legs.size() == 1; });
  const call::Leg& leg = server.legs.at(0);
  EXPECT_EQ(leg.origin.account, base::to_hex(account.id));
  EXPECT_EQ(leg.origin.extension, "0042*310");
  EXPECT_EQ(leg.from.kind, Address::Kind::Phone);
  EXPECT_EQ(leg.from.text, "0042*310");
  EXPECT_EQ(leg.to.text, "12025550101");
}

TEST_F(StackTest, APhoneDialsAColleagueByName) {
  ann.call(server, "bob", "secret");
  wait([&] { return server.legs.size() == 1; });
  EXPECT_EQ(server.legs.at(0).to.kind, Address::Kind::User);
}

TEST_F(StackTest, AWrongPasswordIsRefusedAndAfterThreeTriesNothingIsAnswered) {
  for (int i = 0; i < 4; ++i) {
    ann.call(server, "12025550101", "guess" + std::to_string(i));
    wait([&] { return std::count(ann.log.begin(), ann.log.end(), "ended 403") == i + 1; });
  }
  ann.call(server, "12025550101", "secret");
  wait([&] { return ann.heard("ended 408"); });
  EXPECT_TRUE(server.legs.empty());
}

TEST_F(StackTest, AnUnknownUserIsAnsweredLikeAWrongPassword) {
  BarePhone stranger(loop, "nobody");
  stranger.call(server, "12025550101", "x");
  wait([&] { return stranger.heard("ended 403"); });
  stranger.register_at(server, sip::Protocol::Udp, "x");
  wait([&] { return stranger.heard("response 403"); });
}

TEST_F(StackTest, OneOfOurNumbersDialledFromInsideIsALegThatLoopsIntoTheSameCall) {
  const auto leg = server.dial({Address::Kind::Number, "12025550101", {}});
  wait([&] { return server.legs.size() == 2; });
  EXPECT_EQ(server.leg(leg)->medium, call::Medium::Loop);
  const call::Leg far = server.legs.at(1);
  EXPECT_EQ(far.direction, call::Direction::Inbound);
  EXPECT_EQ(far.call, server.leg(leg)->call);
  EXPECT_EQ(far.to.text, "12025550101");
  EXPECT_EQ(far.from.text, "4930999");
  EXPECT_EQ(far.headers.count("X-Sotto-Loop"), 0u);
  ASSERT_TRUE(server.stack->switchboard().answer(far.id));
  wait([&] { return server.leg(leg)->answered(); });
  server.stack->switchboard().hang_up(leg, {EndCause::HungUp, call::EndedBy::Program, 0, {}});
  wait([&] { return server.ends.size() == 2; });
}

TEST_F(StackTest, AnApplicationIsDialledTheSameWay) {
  server.dial({Address::Kind::Application, base::to_hex(entities.applications[0].id), {}});
  wait([&] { return server.legs.size() == 2; });
  EXPECT_EQ(server.legs.at(1).to.kind, Address::Kind::Application);
}

TEST_F(StackTest, NobodyElseCanPretendToLoop) {
  server.dial({Address::Kind::Number, "12025550101", {}});
  wait([&] { return server.legs.size() == 2; });
  ann.call(server, "12025550101", {}, {{"X-Sotto-Loop", std::string(32, '0') + "-" + std::string(32, '1')}});
  wait([&] { return ann.heard("ended 407"); });
  EXPECT_EQ(server.legs.size(), 2u);
}

TEST_F(StackTest, ACallWithReplacesStepsIntoTheLegThatIsUp) {
  server.hook = [&](const call::Event& event) {
    if (!std::holds_alternative<call::LegCreated>(event.what)) return;
    EXPECT_TRUE(server.stack->switchboard().answer(event.leg));
  };
  ann.call(server, "12025550101", "secret");
  wait([&] { return ann.heard("answered"); });
  const auto replaces = ann.agent->replaces_value(ann.last);
  ASSERT_TRUE(replaces);
  bob.call(server, "12025550101", "secret", {{"Replaces", *replaces}});
  wait([&] { return bob.heard("answered") && ann.heard("ended 0"); });
  EXPECT_EQ(server.legs.size(), 1u);
  EXPECT_TRUE(server.leg(server.legs.at(0).id)->answered());
  ASSERT_TRUE(bob.agent->hang_up(bob.last));
  wait([&] { return server.ends.size() == 1; });
}

}  // namespace
}  // namespace sotto::telephony
