#include "net/web_socket_dial.h"

#include <gtest/gtest.h>

#include "net/run.h"
#include "net/tcp.h"

namespace sotto::net {
namespace {

using namespace std::chrono_literals;

// Answers one connection with a text, or not at all, and keeps what came.
struct Listening {
  explicit Listening(Loop& loop) : listener(*TcpListener::listen(loop, *parse_endpoint("127.0.0.1:0"))) {}
  uint16_t port() const { return listener.address().port; }

  TcpListener listener;
  std::string request;
  std::unique_ptr<TcpStream> stream;
};

std::string header_of(const std::string& request, const std::string& name) {
  const size_t at = request.find(name + ": ");
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size() + 2;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

asio::awaitable<void> answer(Listening& listening, std::string status) {
  auto accepted = co_await listening.listener.accept();
  if (!accepted) co_return;
  listening.stream = std::move(*accepted);
  char buffer[4096];
  while (listening.request.find("\r\n\r\n") == std::string::npos) {
    auto count = co_await listening.stream->read_some(buffer);
    if (!count || *count == 0) co_return;
    listening.request.append(buffer, *count);
  }
  if (status.empty()) co_return;
  const std::string reply = "HTTP/1.1 " + status + "\r\nSec-WebSocket-Accept: " +
                            web_socket_accept(header_of(listening.request, "Sec-WebSocket-Key")) + "\r\n\r\n";
  auto written = co_await listening.stream->write(reply);
  EXPECT_TRUE(written);
}

struct WebSocketDialTest : testing::Test {
  WebSocketDial dial_to(const Listening& listening) {
    WebSocketDial dial;
    dial.host = "127.0.0.1";
    dial.port = listening.port();
    dial.target = {"127.0.0.1", "/stream?a=b", {}, {{"Authorization", "Bearer x"}}};
    return dial;
  }
  Loop loop;
};

TEST_F(WebSocketDialTest, ConnectsWithItsPathAndHeaders) {
  Listening server(loop);
  loop.tasks().spawn(answer(server, "101 Switching Protocols"));
  const auto socket = run(loop, dial_web_socket(loop, dial_to(server)));
  ASSERT_TRUE(socket) << socket.error().error.detail;
  EXPECT_TRUE(server.request.starts_with("GET /stream?a=b HTTP/1.1\r\n"));
  EXPECT_EQ(header_of(server.request, "Authorization"), "Bearer x");
}

TEST_F(WebSocketDialTest, TellsAtWhichStageItFailed) {
  Listening refuses(loop);
  loop.tasks().spawn(answer(refuses, "403 Forbidden"));
  const auto refused = run(loop, dial_web_socket(loop, dial_to(refuses)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().stage, DialStage::Handshake);
  EXPECT_EQ(refused.error().error.code, ErrorCode::Forbidden);

  Listening silent(loop);
  loop.tasks().spawn(answer(silent, ""));
  WebSocketDial dial = dial_to(silent);
  dial.deadline = 50ms;
  const auto late = run(loop, dial_web_socket(loop, dial));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().stage, DialStage::Handshake);
  EXPECT_EQ(late.error().error.code, ErrorCode::TimedOut);

  dial.private_targets = false;
  const auto is_private = run(loop, dial_web_socket(loop, dial));
  ASSERT_FALSE(is_private);
  EXPECT_EQ(is_private.error().stage, DialStage::PrivateTarget);

  silent.listener.close();
  dial.private_targets = true;
  const auto closed = run(loop, dial_web_socket(loop, dial));
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().stage, DialStage::Connect);
}

TEST_F(WebSocketDialTest, NamesAreLookedUp) {
  Listening server(loop);
  loop.tasks().spawn(answer(server, "101 Switching Protocols"));
  WebSocketDial dial = dial_to(server);
  dial.host = "localhost";
  EXPECT_TRUE(run(loop, dial_web_socket(loop, dial)));
  dial.host = "no-such-host.invalid";
  const auto unknown = run(loop, dial_web_socket(loop, dial));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().stage, DialStage::Name);
}

}  // namespace
}  // namespace sotto::net
