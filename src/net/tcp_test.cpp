#include "net/tcp.h"

#include <gtest/gtest.h>

#include "net/run.h"

namespace sotto::net {
namespace {
using namespace std::chrono_literals;

Endpoint loopback(uint16_t port = 0) {
  return {asio::ip::address_v4::loopback(), port};
}

asio::awaitable<void> echo_once(TcpListener& listener) {
  auto stream = co_await listener.accept();
  EXPECT_TRUE(stream);
  char buffer[4096];
  while (true) {
    auto count = co_await (*stream)->read_some(buffer);
    if (!count || *count == 0) break;
    auto written = co_await (*stream)->write(std::string_view(buffer, *count));
    EXPECT_TRUE(written);
  }
}

asio::awaitable<std::string> send_and_read_all(Loop& loop, Endpoint where, std::string first,
                                               std::string second) {
  auto stream = co_await connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  auto written = co_await (*stream)->write(first, second);
  EXPECT_TRUE(written);
  (*stream)->shutdown_write();
  std::string got;
  char buffer[4096];
  while (true) {
    auto count = co_await (*stream)->read_some(buffer);
    EXPECT_TRUE(count);
    if (!count || *count == 0) break;
    got.append(buffer, *count);
  }
  co_return got;
}

TEST(TcpTest, StreamCarriesBothPartsInOrder) {
  Loop loop;
  auto listener = TcpListener::listen(loop, loopback());
  ASSERT_TRUE(listener);
  loop.tasks().spawn(echo_once(*listener));
  EXPECT_EQ(run(loop, send_and_read_all(loop, listener->address(), "head ", "body")), "head body");
}

TEST(TcpTest, WriteLargerThanTheSocketsBuffersArrivesWhole) {
  Loop loop;
  auto listener = TcpListener::listen(loop, loopback());
  ASSERT_TRUE(listener);
  loop.tasks().spawn(echo_once(*listener));
  const std::string body(200'000, 'x');
  EXPECT_EQ(run(loop, send_and_read_all(loop, listener->address(), "", body)).size(), body.size());
}

TEST(TcpTest, RefusedConnectionIsUnreachable) {
  Loop loop;
  auto listener = TcpListener::listen(loop, loopback());
  ASSERT_TRUE(listener);
  const Endpoint where = listener->address();
  listener->close();
  auto stream = run(loop, connect_tcp(loop, where, 5s));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, ErrorCode::Unreachable);
}

TEST(TcpTest, PortInUseIsAConflict) {
  Loop loop;
  auto first = TcpListener::listen(loop, loopback());
  ASSERT_TRUE(first);
  auto second = TcpListener::listen(loop, first->address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Conflict);
}

asio::awaitable<Result<size_t>> read_after(Loop& loop, Endpoint where, std::function<void(Stream&)> act) {
  auto stream = co_await connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  loop.post([&stream, act] { act(**stream); });
  char buffer[16];
  co_return co_await (*stream)->read_some(buffer);
}

TEST(TcpTest, CancelAndCloseAreToldApart) {
  Loop loop;
  auto listener = TcpListener::listen(loop, loopback());
  ASSERT_TRUE(listener);
  auto cancelled = run(loop, read_after(loop, listener->address(), [](Stream& stream) { stream.cancel(); }));
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::TimedOut);
  auto closed = run(loop, read_after(loop, listener->address(), [](Stream& stream) { stream.close(); }));
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ErrorCode::Closed);
}

}  // namespace
}  // namespace sotto::net
