#include <gtest/gtest.h>

#include "audio/level.h"
#include "audio/tone.h"
#include "call/testing/fake_ports.h"
#include "http/server.h"
#include "net/deadline.h"
#include "net/run.h"
#include "stream/streams.h"
#include "telephony/stack.h"

// WebSocket legs and streams on the real switchboard, gateway and media engine, with a real server at the far
// end: one party a path, each with a tone of its own.
namespace sotto::stream {
namespace {

using namespace std::chrono_literals;
using Kind = net::WebSocket::Kind;

constexpr uint32_t kRateHz = 16'000;

// One far end: says its tone in real time, or nothing, and keeps what it hears.
struct Party {
  float hz = 0;
  std::vector<int16_t> heard;
  std::vector<std::string> texts;
  std::unique_ptr<net::WebSocket> socket;
  bool gone = false;

  bool hears(float tone) const {
    return heard.size() >= kRateHz / 5 && audio::has_tone(std::span(heard).last(kRateHz / 5), kRateHz, tone);
  }
};

struct LegsTest : testing::Test {
  LegsTest() {
    http::WebSocketRoute route;
    route.handle = [this](http::Request request, std::unique_ptr<net::WebSocket> socket) {
      return serve(std::move(request), std::move(socket));
    };
    router.add_websocket("/{party}", std::move(route));
    server = std::move(*http::Server::start(loop, router, {.listen = *net::parse_endpoint("127.0.0.1:0")}));
    telephony::StackSettings settings;
    settings.sip_transports.listen = *net::parse_endpoint("127.0.0.1:0");
    settings.media.bind_ip = "127.0.0.1";
    settings.media.port_min = 41'000;
    settings.media.port_max = 41'998;
    auto started = telephony::Stack::start(loop, settings, {prompts, nullptr, &streams});
    EXPECT_TRUE(started) << started.error().detail;
    stack = std::move(*started);
    stack->switchboard().add_sink(log);
  }
  ~LegsTest() override {
    for (const call::LegId leg : board().all_legs()) board().hang_up(leg, {});
    net::run(loop, server->stop(0s));
  }

  call::Switchboard& board() { return stack->switchboard(); }
  std::string url(const std::string& party) const {
    return "ws://" + net::to_string(server->address()) + "/" + party;
  }
  call::LegId dial(const std::string& party, float hz) {
    parties[party].hz = hz;
    call::NewLeg leg;
    leg.to = {call::Address::Kind::WebSocket, url(party), {}};
    leg.framing = {"raw-l16", R"({"greeting":{"event":"hello"}})"};
    if (room) leg.room = *room;
    auto dialled = board().dial(leg);
    EXPECT_TRUE(dialled);
    if (!room) room = board().leg(*dialled)->room;
    EXPECT_TRUE(board().set_driven(*dialled, true));
    wait([&] { return board().leg(*dialled) == nullptr || board().leg(*dialled)->answered(); });
    return *dialled;
  }
  void wait(const std::function<bool()>& done) {
    bool late = false;
    const net::Deadline limit(loop, 10s, [&] { late = true; });
    loop.run_until([&] { return late || done(); });
    EXPECT_FALSE(late);
  }

  asio::awaitable<void> say(Party& party) {
    audio::ToneGenerator tone(audio::sine_tone(party.hz, -20.0F), kRateHz);
    std::vector<int16_t> samples(kRateHz / 50);
    while (!party.gone) {
      tone.render(samples);
      std::string bytes(reinterpret_cast<const char*>(samples.data()), samples.size() * 2);
      auto sent = co_await party.socket->send(Kind::Binary, std::move(bytes));
      if (!sent) co_return;
      co_await loop.sleep(20ms);
    }
  }
  asio::awaitable<void> serve(http::Request request, std::unique_ptr<net::WebSocket> socket) {
    Party& party = parties[request.path.substr(1)];
    party.socket = std::move(socket);
    if (party.hz > 0) loop.tasks().spawn(say(party));
    while (true) {
      auto frame = co_await party.socket->read();
      if (!frame) break;
      if (frame->kind == Kind::Text) {
        party.texts.push_back(std::move(frame->data));
        continue;
      }
      const size_t old = party.heard.size();
      party.heard.resize(old + frame->data.size() / 2);
      std::memcpy(party.heard.data() + old, frame->data.data(), frame->data.size() / 2 * 2);
    }
    party.gone = true;
  }

  struct NoPrompts final : telephony::PromptMaker {
    void make(const call::PromptSpec&, Made) override { ADD_FAILURE() << "no prompt is to be made"; }
  };

  net::Loop loop;
  http::Router router;
  std::map<std::string, Party> parties;
  std::unique_ptr<http::Server> server;
  NoPrompts prompts;
  Streams streams{loop, {}};
  call::testing::EventLog log;
  std::unique_ptr<telephony::Stack> stack;
  std::optional<call::RoomId> room;
};

TEST_F(LegsTest, TwoWebSocketLegsTalkInARoomAndAMutedOneIsNotHeard) {
  const call::LegId a = dial("a", 700);
  dial("b", 1300);
  wait([&] { return parties["a"].hears(1300) && parties["b"].hears(700); });
  EXPECT_FALSE(parties["a"].hears(700)) << "never its own echo";
  EXPECT_EQ(parties["a"].texts, std::vector<std::string>{R"({"event":"hello"})"});
  ASSERT_TRUE(board().mute(a, true));
  wait([&] { return !parties["b"].hears(700); });
  ASSERT_TRUE(board().send_digits(a, "4w2"));
  wait([&] { return parties["a"].texts.size() == 3; });
  EXPECT_EQ(parties["a"].texts[2], R"({"event":"websocket:dtmf","digit":"2","duration":100})");
}

TEST_F(LegsTest, AHangUpClosesTheSocketAndAClosedSocketEndsTheLeg) {
  const call::LegId a = dial("a", 700);
  const call::LegId b = dial("b", 1300);
  board().hang_up(a, {call::EndCause::HungUp, call::EndedBy::Api, 0, {}});
  wait([&] { return parties["a"].gone; });
  parties["b"].socket->close_now();
  wait([&] { return log.count<call::LegEnded>(b) == 1; });
  const auto ended = log.of<call::LegEnded>();
  EXPECT_EQ(std::get<call::LegEnded>(ended.back().what).reason.by, call::EndedBy::FarEnd);
  EXPECT_EQ(streams.size(), 0U);
}

TEST_F(LegsTest, AServerThatRefusesOrAWrongFramingEndsTheLegUnanswered) {
  call::NewLeg leg;
  leg.to = {call::Address::Kind::WebSocket, "ws://127.0.0.1:1/", {}};
  leg.framing = {"raw-l16", {}};
  const auto refused = board().dial(leg);
  leg.framing = {"morse", {}};
  const auto unknown = board().dial(leg);
  ASSERT_TRUE(refused && unknown);
  wait([&] { return log.of<call::LegEnded>().size() == 2; });
  EXPECT_EQ(std::get<call::LegEnded>(log.of<call::LegEnded>()[0].what).reason.cause,
            call::EndCause::Unroutable);
  EXPECT_EQ(std::get<call::LegEnded>(log.of<call::LegEnded>()[1].what).reason.cause,
            call::EndCause::Unreachable);
}

TEST_F(LegsTest, AStreamHearsItsLegIsHeardByItAloneAndGoesAlongToAnotherRoom) {
  const call::LegId a = dial("a", 700);
  dial("b", 1300);
  parties["stream"].hz = 2100;
  call::StreamSpec spec;
  spec.url = url("stream");
  spec.framing = {"raw-l16", {}};
  spec.tracks = {hearing::SaidBy{a}};
  spec.both_ways = true;
  const auto tap = board().open_stream(a, spec);
  ASSERT_TRUE(tap);
  wait([&] { return parties["stream"].hears(700) && parties["a"].hears(2100); });
  EXPECT_FALSE(parties["stream"].hears(1300));
  EXPECT_FALSE(parties["b"].hears(2100));
  parties["stream"].heard.clear();
  parties["a"].heard.clear();
  ASSERT_TRUE(board().isolate(a));
  wait([&] { return parties["stream"].hears(700) && parties["a"].hears(2100); });
  EXPECT_FALSE(parties["a"].hears(1300));
  board().hang_up(a, {});
  wait([&] { return parties["stream"].gone; });
  const auto changes = log.of<call::StreamChanged>();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(std::get<call::StreamChanged>(changes[0].what).kind, call::StreamChanged::Kind::Started);
  EXPECT_EQ(std::get<call::StreamChanged>(changes[1].what).kind, call::StreamChanged::Kind::Stopped);
  EXPECT_EQ(stack->engine().counters().plan_faults, 0U);
  EXPECT_EQ(stack->engine().counters().audience_violations, 0U);
}

TEST_F(LegsTest, AStreamWhoseServerIsNotThereFailsOnce) {
  const call::LegId a = dial("a", 700);
  call::StreamSpec spec;
  spec.url = "ws://127.0.0.1:1/";
  spec.framing = {"json-mulaw", {}};
  spec.tracks = {hearing::SaidBy{a}};
  ASSERT_TRUE(board().open_stream(a, spec));
  wait([&] { return !log.of<call::StreamChanged>().empty(); });
  const auto changed = std::get<call::StreamChanged>(log.of<call::StreamChanged>()[0].what);
  EXPECT_EQ(changed.kind, call::StreamChanged::Kind::Failed);
  EXPECT_EQ(changed.code, "connect");
}

}  // namespace
}  // namespace sotto::stream
