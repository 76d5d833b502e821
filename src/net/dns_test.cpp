#include "net/dns.h"

#include <gtest/gtest.h>

#include "net/run.h"
#include "net/test_name_server.h"

namespace sotto::net {
namespace {

using test::NameServer;

struct DnsTest : testing::Test {
  DnsTest() {
    DnsOptions options;
    options.servers = server.address();
    options.try_time_max = std::chrono::milliseconds(200);
    auto made = Dns::create(loop, options);
    EXPECT_TRUE(made);
    dns = std::move(*made);
  }
  Loop loop;
  NameServer server{loop};
  std::unique_ptr<Dns> dns;
};

TEST_F(DnsTest, AddressesComeWithTheirLife) {
  server.add_address("sip.example.com", "192.0.2.7");
  const auto found = run(loop, dns->addresses("sip.example.com"));
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().address.to_string(), "192.0.2.7");
  EXPECT_EQ(found->front().ttl, std::chrono::seconds(60));
}

TEST_F(DnsTest, ServicesAndNamings) {
  server.add_service("_sip._udp.example.com", {10, 5, 5070, "a.example.com"});
  server.add_naming("example.com", {1, 2, "s", "SIP+D2T", "_sip._tcp.example.com"});
  const auto services = run(loop, dns->services("_sip._udp.example.com"));
  ASSERT_TRUE(services) << services.error().detail;
  EXPECT_EQ(services->front().port, 5070);
  EXPECT_EQ(services->front().target, "a.example.com");
  const auto namings = run(loop, dns->namings("example.com"));
  ASSERT_TRUE(namings) << namings.error().detail;
  EXPECT_EQ(namings->front().service, "SIP+D2T");
  EXPECT_EQ(namings->front().replacement, "_sip._tcp.example.com");
}

TEST_F(DnsTest, WhatIsNotThereIsNotFoundAndASilentServerUnreachable) {
  EXPECT_EQ(run(loop, dns->services("_sip._udp.example.org")).error().code, ErrorCode::NotFound);
  server.silent = true;
  EXPECT_EQ(run(loop, dns->services("_sip._tcp.example.org")).error().code, ErrorCode::Unreachable);
  dns->close();
  EXPECT_EQ(run(loop, dns->addresses("example.org")).error().code, ErrorCode::Unreachable);
}

}  // namespace
}  // namespace sotto::net
