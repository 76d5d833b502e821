#include "net/web_socket.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "net/run.h"
#include "net/tcp.h"

namespace sotto::net {
namespace {
using namespace std::chrono_literals;

TEST(WebSocketFrameTest, RoundTripsOfEveryLengthForm) {
  for (const size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    for (const bool masked : {false, true}) {
      const std::string payload(size, 'x');
      std::string wire;
      append_frame(wire, Opcode::Binary, payload,
                   masked ? std::optional<uint32_t>(0x12345678) : std::nullopt);
      for (const size_t part : {size_t{1}, wire.size() - 1}) {
        std::string_view cut = std::string_view(wire).substr(0, part);
        const auto early = take_frame(cut, masked, 100'000);
        ASSERT_TRUE(early);
        EXPECT_FALSE(*early);
      }
      std::string_view input = wire;
      const auto frame = take_frame(input, masked, 100'000);
      ASSERT_TRUE(frame && *frame);
      EXPECT_EQ((*frame)->payload, payload);
      EXPECT_TRUE(input.empty());
    }
  }
}

// RFC 6455 section 5.7.
TEST(WebSocketFrameTest, ExamplesOfTheRfc) {
  std::string_view masked("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
  const auto frame = take_frame(masked, true, 100);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->payload, "Hello");
  EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketFrameTest, BrokenFramesAreRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view wire : {"\xc1\x00"sv, "\x83\x00"sv, "\x09\x00"sv, "\x89\x7e"sv, "\x81\x80"sv,
                                      "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"sv}) {
    std::string_view input = wire;
    EXPECT_FALSE(take_frame(input, false, 100));
  }
}

struct Pair {
  std::unique_ptr<Stream> near;
  std::unique_ptr<Stream> far;
};

asio::awaitable<void> accept_one(TcpListener& listener, std::unique_ptr<Stream>& out) {
  auto stream = co_await listener.accept();
  EXPECT_TRUE(stream);
  out = std::move(*stream);
}

asio::awaitable<void> connect_one(Loop& loop, Endpoint where, std::unique_ptr<Stream>& out) {
  auto stream = co_await connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  out = std::move(*stream);
}

Pair connected_pair(Loop& loop) {
  Pair pair;
  auto listener = TcpListener::listen(loop, *parse_endpoint("127.0.0.1:0"));
  EXPECT_TRUE(listener);
  loop.tasks().spawn(accept_one(*listener, pair.near));
  loop.tasks().spawn(connect_one(loop, listener->address(), pair.far));
  loop.run_until([&] { return pair.near && pair.far; });
  return pair;
}

struct WebSocketTest : testing::Test {
  WebSocketTest() {
    Pair pair = connected_pair(loop);
    server = std::make_unique<WebSocket>(WebSocket::Side::Server, std::move(pair.near), "", "");
    raw = std::move(pair.far);
  }
  void make_client() {
    client = std::make_unique<WebSocket>(WebSocket::Side::Client, std::move(raw), "", "");
  }

  Loop loop;
  std::unique_ptr<WebSocket> server;
  std::unique_ptr<WebSocket> client;
  std::unique_ptr<Stream> raw;
};

TEST_F(WebSocketTest, MessagesGoBothWays) {
  make_client();
  ASSERT_TRUE(run(loop, client->send(WebSocket::Kind::Text, "hello")));
  ASSERT_TRUE(run(loop, client->ping()));
  ASSERT_TRUE(run(loop, client->send(WebSocket::Kind::Binary, std::string(70'000, 'b'))));
  const auto text = run(loop, server->read());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->data, "hello");
  const auto binary = run(loop, server->read());
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->kind, WebSocket::Kind::Binary);
  EXPECT_EQ(binary->data.size(), 70'000u);
  ASSERT_TRUE(run(loop, server->send(WebSocket::Kind::Text, "back")));
  EXPECT_EQ(run(loop, client->read())->data, "back");
}

TEST_F(WebSocketTest, CloseHasItsCodeAndEndsBothReaders) {
  make_client();
  run(loop, client->close(1001, "bye"));
  const auto at_server = run(loop, server->read());
  ASSERT_FALSE(at_server);
  EXPECT_EQ(at_server.error().code, ErrorCode::Closed);
  EXPECT_EQ(server->close_code(), 1001);
  EXPECT_FALSE(run(loop, client->read()));
  EXPECT_FALSE(run(loop, client->send(WebSocket::Kind::Text, "late")));
}

TEST_F(WebSocketTest, FragmentsMakeOneMessageAroundAPing) {
  std::string wire;
  append_frame(wire, Opcode::Text, "one ", 7);
  wire[0] = static_cast<char>(wire[0] & 0x7F);
  append_frame(wire, Opcode::Ping, "p", 8);
  append_frame(wire, Opcode::Continuation, "two", 9);
  ASSERT_TRUE(run(loop, raw->write(wire)));
  const auto message = run(loop, server->read());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->data, "one two");
}

TEST_F(WebSocketTest, UnmaskedFrameFromAClientIsAProtocolError) {
  std::string wire;
  append_frame(wire, Opcode::Text, "x", std::nullopt);
  ASSERT_TRUE(run(loop, raw->write(wire)));
  EXPECT_EQ(run(loop, server->read()).error().code, ErrorCode::Invalid);
  char buffer[64];
  const auto count = run(loop, raw->read_some(buffer));
  ASSERT_TRUE(count && *count >= 4);
  EXPECT_EQ(std::string(buffer, 4).substr(2), "\x03\xEA");  // 1002
}

}  // namespace
}  // namespace sotto::net
