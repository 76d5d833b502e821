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

TEST(UdpSocket, ManyDatagramsComeInTheirOrderAndTheBacklogFallsWithThem) {
  constexpr size_t kMany = 200;
  Loop loop;
  std::vector<std::string> heard;
  std::vector<double> backlog;
  UdpSocket* reader = nullptr;
  const Endpoint any{asio::ip::make_address("127.0.0.1"), 0};
  auto one = UdpSocket::open(loop, any, [&](const Endpoint&, base::ByteView bytes) {
    heard.emplace_back(base::as_text(bytes));
    backlog.push_back(reader->backlog());
  });
  auto two = UdpSocket::open(loop, any, [](const Endpoint&, base::ByteView) {});
  ASSERT_TRUE(one && two);
  reader = one->get();
  std::vector<std::string> sent;
  for (size_t i = 0; i < kMany; ++i) {
    sent.push_back(std::to_string(i));
    ASSERT_TRUE((*two)->send((*one)->local(), base::as_bytes(sent.back())));
  }
  const double before = reader->backlog();
  EXPECT_GT(before, 0);
  loop.run_until([&] { return heard.size() == kMany; });
  EXPECT_EQ(heard, sent);
  EXPECT_GT(backlog.front(), 0) << "more waits than was read together";
  EXPECT_LE(backlog.back(), before / 2);
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
