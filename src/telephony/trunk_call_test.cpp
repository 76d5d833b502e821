// Calls to and from trunks: which one, how it is written, and what happens when it fails.
#include "telephony/test_stack.h"

namespace sotto::telephony {
namespace {
using base::Address;
using call::EndCause;
using test::BarePhone;

struct TrunkCallTest : test::World {
  void use(std::vector<directory::Trunk> trunks) {
    for (size_t i = 0; i < trunks.size(); ++i) trunks[i].priority = static_cast<uint32_t>(i);
    entities.trunks = std::move(trunks);
    server.set(entities);
  }
  const Address number{Address::Kind::Number, "4930123456", {}};
  test::Server server{loop};
  BarePhone first{loop, "first"};
  BarePhone second{loop, "second"};
};

TEST_F(TrunkCallTest, AnUnavailableTrunkIsPassedOver) {
  use({trunk("one", first), trunk("two", second)});
  first.respond_with = 503;
  const auto leg = server.dial(number);
  wait([&] { return server.leg(leg)->state == call::LegState::Ringing; });
  EXPECT_TRUE(first.heard("ended 503"));
  EXPECT_TRUE(second.heard("invite"));
}

TEST_F(TrunkCallTest, ASilentTrunkIsPassedOverSoon) {
  use({trunk("one", first), trunk("two", second)});
  first.transports.reset();
  const auto leg = server.dial(number);
  wait([&] { return server.leg(leg)->state == call::LegState::Ringing; });
  EXPECT_TRUE(second.heard("invite"));
}

TEST_F(TrunkCallTest, ARefusalIsFinal) {
  use({trunk("one", first), trunk("two", second)});
  first.respond_with = 404;
  const auto leg = server.dial(number);
  wait([&] { return server.ends.contains(leg); });
  EXPECT_EQ(server.ends[leg].cause, EndCause::Unroutable);
  EXPECT_FALSE(second.heard("invite"));
}

TEST_F(TrunkCallTest, AFullTrunkIsPassedOver) {
  directory::Trunk one = trunk("one", first);
  one.channels_max = 1;
  use({one, trunk("two", second)});
  const auto held = server.dial(number);
  wait([&] { return first.heard("invite"); });
  server.dial(number);
  wait([&] { return second.heard("invite"); });
  server.stack->switchboard().hang_up(held, {EndCause::HungUp, call::EndedBy::Program, 0, {}});
  first.log.clear();
  server.dial(number);
  wait([&] { return first.heard("invite"); });
}

TEST_F(TrunkCallTest, CallsPerSecondHaveALimitToo) {
  directory::Trunk one = trunk("one", first);
  one.calls_per_second_max = 2;
  use({one});
  std::vector<call::LegId> legs;
  for (int i = 0; i < 3; ++i) legs.push_back(server.dial(number));
  wait([&] { return server.ends.contains(legs[2]); });
  EXPECT_EQ(server.ends[legs[2]].cause, EndCause::Overloaded);
  EXPECT_EQ(server.ends.size(), 1u);
}

TEST_F(TrunkCallTest, NumbersAndIdentityAreWrittenAsTheTrunkWantsThem) {
  directory::Trunk one = trunk("one", first);
  one.format = directory::NumberFormat::National;
  one.writes_identity = true;
  use({one});
  server.dial(number, {Address::Kind::Number, "4930765432", "Acme"});
  wait([&] { return first.heard("invite"); });
  EXPECT_TRUE(first.received_with({"INVITE sip:030123456@", "From: \"Acme\" <sip:030765432@pbx.example.com>",
                                   "P-Asserted-Identity: \"Acme\" <sip:030765432@pbx.example.com>"}));
  server.dial(number, {});
  wait([&] { return first.received_with({"anonymous.invalid", "Privacy: id"}); });
}

TEST_F(TrunkCallTest, AForwardedCallSaysWhoForwardsIt) {
  directory::Trunk one = trunk("one", first);
  one.writes_identity = true;
  one.allow_from = {"127.0.0.1"};
  use({one});
  second.call(server, "+12025550101");
  wait([&] { return server.legs.size() == 1; });
  call::NewLeg leg;
  leg.to = number;
  leg.from = server.legs[0].from;
  leg.carrier = server.legs[0].id;
  ASSERT_TRUE(server.stack->switchboard().dial(std::move(leg)));
  wait([&] { return first.heard("invite"); });
  EXPECT_TRUE(first.received_with({"Diversion: <sip:+12025550101@pbx.example.com>;reason=unconditional"}));
}

// Passes every call on to its trunk, and tells the caller how that ended.
void forward_all(test::Server& server, const Address& to) {
  server.hook = [&server, to](const call::Event& event) {
    const call::Leg* leg = server.leg(event.leg);
    if (std::holds_alternative<call::LegCreated>(event.what) && leg->direction == call::Direction::Inbound) {
      call::NewLeg onward;
      onward.to = to;
      onward.carrier = leg->id;
      EXPECT_TRUE(server.stack->switchboard().dial(std::move(onward)));
    } else if (const auto* ended = std::get_if<call::LegEnded>(&event.what); ended && leg->carrier) {
      server.stack->switchboard().hang_up(
          *leg->carrier, {ended->reason.cause, call::EndedBy::OtherLeg, ended->reason.sip_code, {}});
    }
  };
}

TEST_F(TrunkCallTest, ServersThatForwardToEachOtherStopWhenTheHopsAreUsedUp) {
  test::Server other(loop);
  directory::Trunk there = trunk("there", first), back = trunk("back", first);
  there.hosts = {net::to_string(other.address())};
  back.hosts = {net::to_string(server.address())};
  there.allow_from = back.allow_from = {"127.0.0.1"};
  use({there});
  entities.trunks = {back};
  other.set(entities);
  forward_all(server, number);
  forward_all(other, number);
  first.call(server, "+4930123456");
  wait([&] { return first.heard("ended 483"); });
  // Each inbound leg with one hop less than the one before, the first with all, the last with none.
  size_t inbound = 0;
  for (const test::Server* each : {&server, &other}) {
    for (const call::Leg& leg : each->legs) inbound += leg.direction == call::Direction::Inbound ? 1 : 0;
  }
  EXPECT_EQ(inbound, size_t{sip::kMaxForwards} + 1);
  wait([&] { return server.stack->switchboard().live_legs() + other.stack->switchboard().live_legs() == 0; });
}

TEST_F(TrunkCallTest, ACallFromATrunkIsReadByItsRulesAndHasNoAccount) {
  directory::Trunk one = trunk("one", first);
  one.allow_from = {"127.0.0.1"};
  one.format = directory::NumberFormat::National;
  use({one});
  first.call(server, "030123456", {},
             {{"P-Asserted-Identity", "\"Real\" <sip:0307654321@carrier.example>"},
              {"Diversion", "<tel:+49301112222>;reason=unconditional"},
              {"P-Charge-Info", "<sip:0303334444@carrier.example>"},
              {"X-Tag", "blue"}});
  wait([&] { return server.legs.size() == 1; });
  const call::Leg& leg = server.legs.at(0);
  EXPECT_EQ(leg.from, (Address{Address::Kind::Number, "49307654321", "Real"}));
  EXPECT_EQ(leg.to.text, "4930123456");
  EXPECT_EQ(leg.forwarded_from, "49301112222");
  EXPECT_EQ(leg.headers.find("X-Tag")->second, "blue");
  EXPECT_EQ(leg.headers.find("P-Charge-Info")->second, "49303334444");
  EXPECT_TRUE(leg.origin.account.empty());
}

TEST_F(TrunkCallTest, AnUnknownSourceIsRefusedThreeTimesAndThenNotAnswered) {
  entities.phones.clear();
  use({});
  for (int i = 0; i < 4; ++i) {
    first.call(server, "12025550101");
    wait([&] { return std::count(first.log.begin(), first.log.end(), "ended 403") == i + 1; });
  }
  first.call(server, "12025550101");
  wait([&] { return first.heard("ended 408"); });
}

}  // namespace
}  // namespace sotto::telephony
