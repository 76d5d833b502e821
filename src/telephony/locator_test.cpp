// RFC 3263: how the name of a trunk becomes places to send to, and what happens when the best of them is
// gone.
#include "telephony/locator.h"

#include "net/test_name_server.h"
#include "telephony/test_stack.h"

namespace sotto::telephony {
namespace {
using test::BarePhone;

struct LocatorTest : test::World {
  net::DnsOptions options() const {
    net::DnsOptions made;
    made.servers = names.address();
    made.try_time_max = std::chrono::milliseconds(500);
    return made;
  }
  std::vector<std::string> locate(const std::string& host) {
    auto dns = net::Dns::create(loop, options());
    EXPECT_TRUE(dns);
    Locator locator(loop, std::move(*dns), random, [this](const sip::Address& peer, const std::string& name) {
      named.push_back(name + " at " + sip::to_string(peer));
    });
    std::vector<std::string> out;
    bool done = false;
    locator.locate(*parse_host_spec(host), [&](Result<std::vector<sip::Flow>> flows) {
      done = true;
      if (!flows) return out.push_back("failed");
      for (const sip::Flow& flow : *flows)
        out.push_back(std::string(to_string(flow.protocol)) + " " + sip::to_string(flow.peer));
    });
    wait([&] { return done; });
    return out;
  }

  net::test::NameServer names{loop};
  std::vector<std::string> named;  // what a certificate must bear, and where
};

using Places = std::vector<std::string>;

TEST_F(LocatorTest, TheBestNamingThatWeCanFollowSaysByWhatTransport) {
  names.add_naming("carrier.example", {20, 1, "s", "SIP+D2U", "_sip._udp.carrier.example"});
  names.add_naming("carrier.example", {10, 1, "s", "SIPS+D2T", "_sips._tcp.carrier.example"});
  names.add_naming("carrier.example", {5, 1, "s", "SIP+D2S", "_sip._sctp.carrier.example"});
  names.add_service("_sips._tcp.carrier.example", {1, 0, 5071, "a.carrier.example"});
  names.add_service("_sip._udp.carrier.example", {1, 0, 5072, "a.carrier.example"});
  names.add_address("a.carrier.example", "192.0.2.7");
  EXPECT_EQ(locate("carrier.example"), Places{"TLS 192.0.2.7:5071"});
  EXPECT_EQ(named, Places{"carrier.example at 192.0.2.7:5071"});
}

TEST_F(LocatorTest, WithoutANamingTheServicesAreAskedForAndWithoutThemTheAddress) {
  names.add_service("_sip._tcp.carrier.example", {1, 0, 5070, "a.carrier.example"});
  names.add_address("a.carrier.example", "192.0.2.7");
  EXPECT_EQ(locate("carrier.example"), Places{"TCP 192.0.2.7:5070"});
  EXPECT_EQ(locate("a.carrier.example"), Places{"UDP 192.0.2.7:5060"});
  EXPECT_EQ(locate("a.carrier.example;transport=tls"), Places{"TLS 192.0.2.7:5061"});
}

TEST_F(LocatorTest, APortOrATransportLeavesLessToAsk) {
  names.add_naming("carrier.example", {1, 1, "s", "SIP+D2T", "_sip._tcp.carrier.example"});
  names.add_service("_sip._udp.carrier.example", {1, 0, 5070, "a.carrier.example"});
  names.add_address("a.carrier.example", "192.0.2.7");
  names.add_address("carrier.example", "192.0.2.8");
  EXPECT_EQ(locate("carrier.example:5080"), Places{"UDP 192.0.2.8:5080"});
  EXPECT_EQ(locate("carrier.example;transport=udp"), Places{"UDP 192.0.2.7:5070"});
}

TEST_F(LocatorTest, ByPriorityAndATargetWithoutAnAddressIsPassedOver) {
  names.add_service("_sip._udp.carrier.example", {30, 0, 5073, "c.carrier.example"});
  names.add_service("_sip._udp.carrier.example", {10, 0, 5071, "a.carrier.example"});
  names.add_service("_sip._udp.carrier.example", {20, 0, 5072, "nowhere.example"});
  names.add_address("a.carrier.example", "192.0.2.7");
  names.add_address("c.carrier.example", "192.0.2.9");
  EXPECT_EQ(locate("carrier.example"), (Places{"UDP 192.0.2.7:5071", "UDP 192.0.2.9:5073"}));
  EXPECT_EQ(locate("unknown.example"), Places{"failed"});
}

TEST_F(LocatorTest, ACallGoesToTheNextPlaceWhenTheFirstIsSilentOrUnavailable) {
  test::Server server(loop, std::chrono::milliseconds(300), options());
  BarePhone silent{loop, "silent"}, unavailable{loop, "unavailable"}, last{loop, "last"};
  unavailable.respond_with = 503;
  uint16_t priority = 1;
  for (const BarePhone* phone : {&silent, &unavailable, &last})
    names.add_service("_sip._udp.carrier.example",
                      {priority++, 0, phone->address().port, "a.carrier.example"});
  names.add_address("a.carrier.example", "127.0.0.1");
  silent.transports.reset();
  directory::Trunk carrier = trunk("carrier", last);
  carrier.hosts = {"carrier.example"};
  entities.trunks = {carrier};
  server.set(entities);
  const auto leg = server.dial({base::Address::Kind::Number, "4930123456", {}});
  wait([&] { return server.leg(leg)->state == call::LegState::Ringing; });
  EXPECT_TRUE(unavailable.heard("ended 503"));
  EXPECT_TRUE(last.heard("invite"));
}

}  // namespace
}  // namespace sotto::telephony
