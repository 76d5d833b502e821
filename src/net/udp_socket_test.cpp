#include "net/udp_socket.h"

#include <gtest/gtest.h>

namespace sotto::net {
namespace {

TEST(UdpSocket, DatagramsGoBothWaysWhole) {
  Loop loop;
  std::string heard;
  Endpoint heard_from;
  const Endpoint any{asio::ip::make_address("127.0.0.1"), 0};
  auto one = UdpSocket::open(loop, any, [&](const Endpoint& from, base::ByteView bytes) {
    heard = base::as_text(bytes);
    heard_from = from;
  });
  auto two = UdpSocket::open(loop, any, [](const Endpoint&, base::ByteView) {});
  ASSERT_TRUE(one && two);
  const std::string large(20'000, 'x');
  ASSERT_TRUE((*two)->send((*one)->local(), base::as_bytes(large)));
  loop.run_until([&] { return !heard.empty(); });
  EXPECT_EQ(heard, large);
  EXPECT_EQ(heard_from, (*two)->local());
}

TEST(UdpSocket, AnAddressInUseIsAnErrorThatNamesIt) {
  Loop loop;
  auto first =
      UdpSocket::open(loop, {asio::ip::make_address("127.0.0.1"), 0}, [](const Endpoint&, base::ByteView) {});
  ASSERT_TRUE(first);
  const auto second = UdpSocket::open(loop, (*first)->local(), [](const Endpoint&, base::ByteView) {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find(to_string((*first)->local())), std::string::npos);
}

}  // namespace
}  // namespace sotto::net
