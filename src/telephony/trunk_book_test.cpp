// Two servers: one is the other's trunk, which wants a registration.
#include "telephony/trunk_book.h"

#include "telephony/locator.h"
#include "telephony/test_stack.h"

namespace sotto::telephony {
namespace {
using test::BarePhone;

struct TrunkBookTest : test::World {
  directory::Trunk carrier(const std::string& password = "secret") {
    directory::Trunk made;
    made.id = directory::TrunkId::make(random);
    made.name = "carrier";
    made.hosts = {net::to_string(far.address())};
    made.user = "ann";
    made.password = password;
    made.registers = true;
    return made;
  }
  void use(const directory::Trunk& trunk) {
    directory::Entities ours;
    ours.trunks = {trunk};
    server.set(ours);
  }
  TrunkBook::Status status() const { return server.stack->trunks().at(0); }

  test::Server far{loop};
  test::Server server{loop};
};

TEST_F(TrunkBookTest, WeRegisterWithCredentialsAndItsCallsAreThenKnown) {
  far.set(entities);
  use(carrier());
  wait([&] { return status().registered; });
  ASSERT_EQ(far.stack->contacts("ann").size(), 1u);
  far.dial({base::Address::Kind::User, "ann", {}});
  wait([&] { return server.legs.size() == 1; });
  EXPECT_EQ(server.legs[0].from.text, "4930999");
}

TEST_F(TrunkBookTest, SomebodyElseOnItsHostIsNotTheTrunk) {
  far.set(entities);
  use(carrier());
  wait([&] { return status().registered; });
  BarePhone stranger{loop, "stranger"};
  stranger.call(server, "12025550101");
  wait([&] { return stranger.heard("ended 403"); });
  EXPECT_TRUE(server.legs.empty());
}

TEST_F(TrunkBookTest, ACallIsMadeWithTheSameCredentials) {
  far.set(entities);
  use(carrier());
  server.dial({base::Address::Kind::Number, "12025550101", {}});
  wait([&] { return far.legs.size() == 1; });
  EXPECT_EQ(far.legs[0].origin.extension, "0042*310");
}

TEST_F(TrunkBookTest, AWrongPasswordDoesNotRegister) {
  far.set(entities);
  use(carrier("wrong"));
  loop.run_until([&, until = loop.clock().now() + std::chrono::milliseconds(300)] {
    return loop.clock().now() > until;
  });
  EXPECT_FALSE(status().registered);
  EXPECT_TRUE(status().alive);
}

TEST(InOrder, PriorityFirstAndWeightsAmongEquals) {
  base::SeededRandom random{3};
  size_t heavy_first = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto ordered = in_order({{20, 0, 1, "last"}, {10, 1, 1, "light"}, {10, 9, 1, "heavy"}}, random);
    ASSERT_EQ(ordered.size(), 3u);
    EXPECT_EQ(ordered[2].target, "last");
    heavy_first += ordered[0].target == "heavy" ? 1 : 0;
  }
  EXPECT_GT(heavy_first, 780u);
  EXPECT_LT(heavy_first, 960u);
}

TEST(HostSpec, WhatATrunksHostMayBe) {
  EXPECT_EQ(parse_host_spec("sip.example.com"), (HostSpec{"sip.example.com", 0, std::nullopt}));
  EXPECT_EQ(parse_host_spec("sip.example.com:5070;transport=tls"),
            (HostSpec{"sip.example.com", 5070, sip::Protocol::Tls}));
  EXPECT_FALSE(parse_host_spec("sip.example.com;transport=carrier-pigeon"));
  EXPECT_FALSE(parse_host_spec("user@sip.example.com"));
  EXPECT_EQ(literal_flow({"192.0.2.1", 0, sip::Protocol::Tls})->peer.port, 5061);
  EXPECT_EQ(literal_flow({"[2001:db8::1]", 0, std::nullopt})->peer.port, 5060);
  EXPECT_FALSE(literal_flow({"sip.example.com", 5060, std::nullopt}));
}

}  // namespace
}  // namespace sotto::telephony
