#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace sotto::net {
namespace {

TEST(EndpointTest, LiteralRoundTrips) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:443", "[2001:db8::5]:1", "0.0.0.0:0"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
  EXPECT_EQ(to_string(*parse_endpoint("*:80")), "[::]:80");
}

TEST(EndpointTest, AnythingElseIsRefused) {
  for (const char* text : {"", "8080", ":80", "localhost:80", "127.0.0.1:", "127.0.0.1:70000", "::1:80",
                           "[127.0.0.1]:80", "127.0.0.1:80x"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(EndpointTest, PrivateAddressesOfEveryKind) {
  for (const char* text : {"127.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "255.255.255.255",
                           "192.0.0.1",
                           "198.18.0.1",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::7f00:1",
                           "64:ff9b::7f00:1",
                           "fec0::1"}) {
    EXPECT_TRUE(is_private(asio::ip::make_address(text))) << text;
  }
  for (const char* text : {"1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1",
                           "::ffff:8.8.8.8", "64:ff9b::808:808", "2001:db8::1"}) {
    EXPECT_FALSE(is_private(asio::ip::make_address(text))) << text;
  }
}

}  // namespace
}  // namespace sotto::net
