#include "directory/route.h"

#include <gtest/gtest.h>

#include "directory/ip_range.h"

namespace sotto::directory {
namespace {

using base::Address;

struct RouteTest : testing::Test {
  base::SeededRandom random{1};
  Entities entities;
  AccountId account = AccountId::make(random);
  ApplicationId application = ApplicationId::make(random);
  PhoneId phone = PhoneId::make(random);

  RouteTest() {
    entities.accounts.push_back({account, "Acme"});
    entities.applications.push_back({application, account, "whisper", "vonage", {}});
    Phone alice;
    alice.id = phone;
    alice.account = account;
    alice.user = "alice";
    alice.extension = "0042*310";
    entities.phones.push_back(alice);
  }
  void add_number(std::string digits, Assignment assignment) {
    Number number;
    number.id = NumberId::make(random);
    number.digits = std::move(digits);
    number.owner = account;
    number.assignment = std::move(assignment);
    entities.numbers.push_back(std::move(number));
  }
  Trunk& add_trunk(std::string name, uint32_t priority = 0, uint32_t weight = 1) {
    Trunk trunk;
    trunk.id = TrunkId::make(random);
    trunk.name = std::move(name);
    trunk.hosts = {"sip.example"};
    trunk.priority = priority;
    trunk.weight = weight;
    return entities.trunks.emplace_back(std::move(trunk));
  }
  Decision decide(Address::Kind kind, std::string text) {
    const auto snapshot = Snapshot::create(entities);
    EXPECT_TRUE(snapshot.has_value());
    return route(**snapshot, {kind, std::move(text), {}}, account, random);
  }
};

TEST_F(RouteTest, OwnNumbersGoWhereTheyAreAssigned) {
  add_number("12025550101", ToApplication{application});
  add_number("12025550102", ToPhone{phone});
  add_number("12025550103", ToCampaign{"summer"});
  add_number("12025550104", std::monostate{});
  EXPECT_EQ(std::get<RunProgram>(decide(Address::Kind::Number, "12025550101").route).application,
            application);
  EXPECT_EQ(std::get<RingPhone>(decide(Address::Kind::Number, "12025550102").route).phone, phone);
  EXPECT_EQ(std::get<RunProgram>(decide(Address::Kind::Number, "12025550103").route).campaign, "summer");
  EXPECT_EQ(std::get<Refuse>(decide(Address::Kind::Number, "12025550104").route).reason,
            Refuse::Reason::NumberUnassigned);
}

TEST_F(RouteTest, PhonesByExtensionAndByUser) {
  EXPECT_EQ(std::get<RingPhone>(decide(Address::Kind::Phone, "0042*310").route).phone, phone);
  EXPECT_EQ(std::get<RingPhone>(decide(Address::Kind::User, "alice").route).phone, phone);
  EXPECT_EQ(std::get<Refuse>(decide(Address::Kind::User, "bob").route).reason, Refuse::Reason::UnknownPhone);
}

TEST_F(RouteTest, ForeignNumbersTakeTrunksByPriorityThenWeight) {
  add_trunk("backup", 10);
  add_trunk("main", 0);
  const auto use = std::get<UseTrunks>(decide(Address::Kind::Number, "4930123456").route);
  ASSERT_EQ(use.in_order.size(), 2u);
  EXPECT_EQ(use.in_order[0], entities.trunks[1].id);
}

TEST_F(RouteTest, EqualTrunksShareByWeight) {
  add_trunk("one", 0, 1);
  add_trunk("three", 0, 3);
  int second_first = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto use = std::get<UseTrunks>(decide(Address::Kind::Number, "4930123456").route);
    second_first += use.in_order[0] == entities.trunks[1].id ? 1 : 0;
  }
  EXPECT_NEAR(second_first, 3000, 150);
}

TEST_F(RouteTest, DestinationsGuardAgainstFraudAndTheRefusalSaysWhy) {
  add_trunk("us only").destinations = {"1"};
  const Decision decision = decide(Address::Kind::Number, "88213456");
  EXPECT_EQ(std::get<Refuse>(decision.route).reason, Refuse::Reason::NoTrunk);
  EXPECT_NE(decision.steps[1].find("destinations"), std::string::npos);
}

TEST_F(RouteTest, EmergencyNumbersNeedATrunkThatCarriesThemAndTheAccountsLeave) {
  add_trunk("plain");
  EXPECT_EQ(std::get<Refuse>(decide(Address::Kind::Number, "911").route).reason, Refuse::Reason::Emergency);
  entities.accounts[0].emergency_calls = true;
  EXPECT_EQ(std::get<Refuse>(decide(Address::Kind::Number, "911").route).reason, Refuse::Reason::Emergency);
  add_trunk("blue light").emergency = true;
  EXPECT_EQ(std::get<UseTrunks>(decide(Address::Kind::Number, "911").route).in_order.size(), 1u);
}

TEST_F(RouteTest, TheLongestPrefixTellsWhoseInviteItIs) {
  add_trunk("wide").allow_from = {"192.0.2.0/24"};
  add_trunk("narrow").allow_from = {"192.0.2.8"};
  const auto snapshot = *Snapshot::create(entities);
  EXPECT_EQ(trunk_of(*snapshot, "192.0.2.8")->name, "narrow");
  EXPECT_EQ(trunk_of(*snapshot, "192.0.2.9")->name, "wide");
  EXPECT_EQ(trunk_of(*snapshot, "198.51.100.1"), nullptr);
}

TEST_F(RouteTest, ASnapshotThatContradictsItselfIsRefusedByName) {
  Phone twin = entities.phones[0];
  twin.id = PhoneId::make(random);
  twin.user = "bob";
  entities.phones.push_back(twin);
  const auto snapshot = Snapshot::create(entities);
  ASSERT_FALSE(snapshot);
  EXPECT_NE(snapshot.error().detail.find("0042*310"), std::string::npos);
}

TEST(IpRange, ParsesRangesOfBothFamiliesAndRefusesTheRest) {
  EXPECT_TRUE(contains(*parse_ip_range("2001:db8::/33"), "2001:db8:1::1"));
  EXPECT_FALSE(contains(*parse_ip_range("2001:db8::/33"), "2001:db8:8000::1"));
  EXPECT_TRUE(contains(*parse_ip_range("10.0.0.0/7"), "11.1.2.3"));
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "example", "::/129", "1.2.3.4/-1"}) {
    EXPECT_FALSE(parse_ip_range(text)) << text;
  }
}

}  // namespace
}  // namespace sotto::directory
