#include "stream/streams.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "net/deadline.h"
#include "net/run.h"

namespace sotto::stream {
namespace {

using namespace std::chrono_literals;
using Kind = net::WebSocket::Kind;
using telephony::Sockets;
using News = Sockets::News;

// The application's side: one connection, everything that came, and what it is to do.
struct App {
  enum class Manner { Listen, Deaf, Drop } manner = Manner::Listen;

  explicit App(net::Loop& loop) : loop_(loop) {
    http::WebSocketRoute route;
    route.handle = [this](http::Request request, std::unique_ptr<net::WebSocket> socket) {
      return serve(std::move(request), std::move(socket));
    };
    router_.add_websocket("/media", std::move(route));
    server_ = std::move(*http::Server::start(loop, router_, {.listen = *net::parse_endpoint("127.0.0.1:0")}));
  }
  ~App() { net::run(loop_, server_->stop(0s)); }
  std::string url() const { return "ws://" + net::to_string(server_->address()) + "/media?x=y"; }
  void send(std::string text) { loop_.tasks().spawn(send_one({Kind::Text, std::move(text)})); }
  void send_bytes(std::string bytes) { loop_.tasks().spawn(send_one({Kind::Binary, std::move(bytes)})); }
  void close() { loop_.tasks().spawn(close_one()); }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Frame& frame : came) {
      if (frame.kind == Kind::Text) out.push_back(frame.data);
    }
    return out;
  }
  bool got(std::string_view part) const {
    const auto all = texts();
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& text) { return text.find(part) != text.npos; });
  }

  std::string authorization;
  std::vector<Frame> came;
  bool connected = false;
  bool gone = false;

 private:
  asio::awaitable<void> serve(http::Request request, std::unique_ptr<net::WebSocket> socket) {
    authorization = std::string(request.headers.get("Authorization"));
    socket_ = std::move(socket);
    connected = true;
    if (manner == Manner::Drop) socket_->close_now();
    while (manner != Manner::Drop) {
      if (manner == Manner::Deaf) {
        co_await loop_.sleep(10ms);
        if (gone) break;
        continue;
      }
      auto frame = co_await socket_->read();
      if (!frame) break;
      came.push_back(std::move(*frame));
    }
    gone = true;
    socket_.reset();
  }
  asio::awaitable<void> send_one(Frame frame) {
    auto sent = co_await socket_->send(frame.kind, std::move(frame.data));
    EXPECT_TRUE(sent);
  }
  asio::awaitable<void> close_one() { co_await socket_->close(1000, "done"); }

  net::Loop& loop_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<net::WebSocket> socket_;
};

struct StreamsTest : testing::Test {
  Sockets::Id open(const std::string& protocol, const std::string& parameters = {}) {
    Sockets::Opening opening{app.url(), {protocol, parameters}, {"inbound"}, "0a"};
    return open(std::move(opening));
  }
  Sockets::Id open(Sockets::Opening opening) {
    return streams.open(std::move(opening), {std::make_unique<media::TapReader>(heard), said},
                        [this](const News& each) { news.push_back(each); });
  }
  void opened(const std::string& protocol, const std::string& parameters = {}) {
    id = open(protocol, parameters);
    EXPECT_TRUE(news.empty());
    wait([&] { return !news.empty(); });
    ASSERT_EQ(news[0].kind, News::Kind::Opened) << news[0].detail;
  }
  void wait(const std::function<bool()>& done) {
    bool late = false;
    const net::Deadline limit(loop, 10s, [&] { late = true; });
    loop.run_until([&] { return late || done(); });
    EXPECT_FALSE(late);
  }
  void hear(int blocks, int16_t level = 1000) {
    for (int i = 0; i < blocks; ++i) {
      const auto block = heard->begin_block();
      if (block.empty()) {
        heard->skip_block();
        continue;
      }
      std::fill(block.begin(), block.end(), level);
      heard->commit_block();
    }
  }
  size_t played() {
    std::vector<int16_t> samples(80'000);
    return said->read(samples);
  }
  bool told(News::Kind kind, std::string_view code) const {
    return std::any_of(news.begin(), news.end(),
                       [&](const News& each) { return each.kind == kind && each.code == code; });
  }

  net::Loop loop;
  App app{loop};
  std::shared_ptr<media::TapRing> heard = std::make_shared<media::TapRing>(uint16_t{1}, 8000U);
  std::shared_ptr<media::StreamRing> said = std::make_shared<media::StreamRing>(16'000U);
  std::vector<News> news;
  Streams streams{loop, {.stall_max = 300ms}};
  Sockets::Id id = Sockets::Id::None;
};

TEST_F(StreamsTest, RawFramesGoOutAtTheAskedRateAfterTheGreeting) {
  opened("raw-l16", R"({"greeting":{"event":"hi"},"handshake":{"Authorization":"Bearer t"}})");
  hear(5);
  wait([&] { return app.came.size() >= 6; });
  EXPECT_EQ(app.authorization, "Bearer t");
  EXPECT_EQ(app.came[0].data, R"({"event":"hi"})");
  for (size_t i = 1; i < 6; ++i) {
    EXPECT_EQ(app.came[i].kind, Kind::Binary);
    EXPECT_EQ(app.came[i].data.size(), 640U);
  }
  streams.send_digit(id, '7', 120ms);
  wait([&] { return app.got(R"("digit":"7","duration":120)"); });
}

TEST_F(StreamsTest, WhatTheServerSendsIsPlayedAndANotifyWaitsForIt) {
  opened("raw-l16");
  app.send_bytes(std::string(641, 'x'));  // no whole frame: bytes are bytes
  app.send_bytes(std::string(639, 'x'));
  app.send(R"({"action":"notify","payload":{"n":1}})");
  wait([&] { return said->written() == 640; });
  EXPECT_FALSE(app.got("notify"));
  EXPECT_EQ(played(), 640U);
  wait([&] { return app.got(R"({"event":"websocket:notify","payload":{"n":1}})"); });
  app.send_bytes(std::string(6400, 'x'));
  app.send(R"({"action":"clear"})");
  wait([&] { return app.got("websocket:cleared"); });
  EXPECT_EQ(played(), 0U);
}

TEST_F(StreamsTest, JsonMessagesBothWaysAndAStopAtTheEnd) {
  said = std::make_shared<media::StreamRing>(8000U);
  opened("json-mulaw", R"({"stream_prefix":"S","call":"C"})");
  hear(3);
  wait([&] { return app.came.size() >= 5; });
  EXPECT_TRUE(app.got(R"("chunk":"3","timestamp":"40")"));
  app.send(R"({"event":"media","streamSid":"S0a","media":{"payload":"/////w=="}})");
  app.send(R"({"event":"mark","streamSid":"S0a","mark":{"name":"after"}})");
  wait([&] { return said->written() == 4; });
  EXPECT_EQ(played(), 4U);
  wait([&] { return app.got(R"("mark":{"name":"after"})"); });
  app.send(R"({"event":"media","streamSid":"S0a","media":{"payload":"/////w=="}})");
  app.send(R"({"event":"mark","streamSid":"S0a","mark":{"name":"dropped"}})");
  app.send(R"({"event":"clear","streamSid":"S0a"})");
  wait([&] { return app.got(R"("mark":{"name":"dropped"})"); });
  streams.close(id);
  wait([&] { return app.gone; });
  EXPECT_TRUE(app.got(R"("event":"stop")"));
  EXPECT_EQ(news.size(), 1U) << "nobody is told after close()";
  EXPECT_EQ(streams.size(), 0U);
}

TEST_F(StreamsTest, RubbishIsToldOnceAndTheStreamGoesOn) {
  opened("json-mulaw");
  for (int i = 0; i < 3; ++i) {
    app.send("nonsense");
    app.send(R"({"event":"dance"})");
  }
  app.send(R"({"event":"mark","mark":{"name":"on"}})");
  wait([&] { return app.got(R"("name":"on")"); });
  EXPECT_EQ(news.size(), 3U);
  EXPECT_TRUE(told(News::Kind::Message, "malformed"));
  EXPECT_TRUE(told(News::Kind::Message, "invalid"));
  EXPECT_EQ(streams.counters().frames_broken, 6U);
}

TEST_F(StreamsTest, AServerThatClosesEndsItAndOneThatDropsFailsIt) {
  opened("raw-l16");
  app.close();
  wait([&] { return news.size() == 2; });
  EXPECT_EQ(news[1].kind, News::Kind::Closed);
  EXPECT_EQ(streams.size(), 0U);
  news.clear();
  app.manner = App::Manner::Drop;
  open("raw-l16");
  wait([&] { return !news.empty() && news.back().kind != News::Kind::Opened; });
  EXPECT_EQ(news.back().kind, News::Kind::Failed);
  EXPECT_EQ(news.back().code, "closed");
}

TEST_F(StreamsTest, FloodedBuffersDropTheSurplusAndSaySo) {
  opened("raw-l16", R"({"buffer_ms":1000})");
  for (int i = 0; i < 10; ++i)
    app.send_bytes(std::string(32'000, 'x'));  // a second each; the ring holds four
  wait([&] { return told(News::Kind::Message, "discarded"); });
  EXPECT_GT(streams.counters().samples_discarded, 0U);
}

TEST_F(StreamsTest, ASlowServerLosesSoundAndOneThatTakesNothingLosesItsStream) {
  app.manner = App::Manner::Deaf;
  opened("raw-l16");
  bool late = false;
  const net::Deadline limit(loop, 20s, [&] { late = true; });
  while (!late && !told(News::Kind::Failed, "slow")) {
    hear(200);
    const size_t before = news.size();
    const net::Deadline tick(loop, 10ms, [] {});
    loop.run_until([&] { return tick.late() || news.size() > before; });
  }
  EXPECT_FALSE(late);
  EXPECT_GT(heard->lost_blocks(), 0U);
  app.gone = true;
}

TEST_F(StreamsTest, WhatCannotBeReachedSaysWhy) {
  open({"http://127.0.0.1/", {"raw-l16", {}}, {"inbound"}, "0a"});
  EXPECT_TRUE(news.empty());
  wait([&] { return told(News::Kind::Failed, "url"); });
  news.clear();
  open({"ws://" + app.url().substr(5, app.url().find('/', 5) - 5) + "/nowhere",
        {"raw-l16", {}},
        {"inbound"},
        "0a"});
  wait([&] { return told(News::Kind::Failed, "handshake"); });
  news.clear();
  open({"ws://127.0.0.1:1/", {"raw-l16", {}}, {"inbound"}, "0a"});
  wait([&] { return told(News::Kind::Failed, "connect"); });
  news.clear();
  Streams careful(loop, {.private_targets = false});
  careful.open({app.url(), {"raw-l16", {}}, {"inbound"}, "0a"},
               {std::make_unique<media::TapReader>(heard), said},
               [this](const News& each) { news.push_back(each); });
  wait([&] { return told(News::Kind::Failed, "private_target"); });
  EXPECT_EQ(careful.counters().failed, 1U);
}

TEST_F(StreamsTest, ClosingWhileItIsStillConnectingTellsNobody) {
  id = open("raw-l16");
  streams.close(id);
  wait([&] { return app.gone; });
  EXPECT_TRUE(news.empty());
}

}  // namespace
}  // namespace sotto::stream
