#include "speech/http_recogniser.h"

#include <cmath>

#include <gtest/gtest.h>

#include "audio/tone.h"
#include "audio/wav.h"
#include "base/random.h"
#include "http/multipart.h"
#include "http/server.h"
#include "net/deadline.h"
#include "net/run.h"
#include "text/json.h"

// The service against a local server that is good, late, broken, or sends a byte at a time.
namespace sotto::speech {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct HttpServices : testing::Test {
  enum class Manner { Good, Silent, Fails, Trickles } manner = Manner::Good;

  HttpServices() {
    router.add(http::Method::Post, "/v1/audio/{what}",
               [this](http::Request request) { return serve(std::move(request)); });
    server = std::move(*http::Server::start(loop, router, {.listen = *net::parse_endpoint("127.0.0.1:0")}));
  }
  ~HttpServices() override {
    manner = Manner::Good;
    net::run(loop, server->stop(0s));
  }
  std::string url(const std::string& what) const {
    return "http://" + net::to_string(server->address()) + "/v1/audio/" + what;
  }
  asio::awaitable<http::Response> serve(http::Request request) {
    last = std::move(request);
    ++requests;
    if (manner == Manner::Fails) co_return http::Response::json(500, R"({"error":"no"})");
    while (manner == Manner::Silent) co_await loop.sleep(5ms);
    auto response = http::Response::with(200, "application/octet-stream", answer);
    if (manner == Manner::Trickles) {
      response.body.clear();
      response.stream = [this](http::BodyWriter& writer) { return trickle(writer); };
    }
    co_return response;
  }
  asio::awaitable<void> trickle(http::BodyWriter& writer) {
    for (size_t i = 0; manner == Manner::Trickles; ++i) {
      auto written = co_await writer.write(answer.substr(i % answer.size(), 1));
      if (!written) co_return;
      co_await loop.sleep(10ms);
    }
  }
  void wait(const std::function<bool()>& done) {
    bool late = false;
    const net::Deadline limit(loop, 10s, [&] { late = true; });
    loop.run_until([&] { return late || done(); });
    EXPECT_FALSE(late);
  }

  net::Loop loop;
  http::Router router;
  std::unique_ptr<http::Server> server;
  http::Request last;
  int requests = 0;
  std::string answer;
};

struct HttpRecogniserTest : HttpServices {
  void start(call::RecognitionSpec spec = {}) {
    recogniser.start(tap, spec, std::make_unique<media::TapReader>(ring), [this](call::SpeechHeard each) {
      const bool began = !each.final && each.guesses.empty();
      if (began) ++times_begun;
      if (!began) heard.push_back(std::move(each));
    });
  }
  // 20 ms each: a loud tone, or nothing.
  void say(milliseconds length, bool loud) {
    for (milliseconds done{0}; done < length; done += 20ms) {
      const auto block = ring->begin_block();
      ASSERT_FALSE(block.empty());
      std::fill(block.begin(), block.end(), int16_t{0});
      if (loud) tone.render(block);
      ring->commit_block();
    }
  }
  void finished() {
    wait([&] { return !heard.empty() && heard.back().final; });
  }
  static call::RecognitionSpec quick() {
    call::RecognitionSpec spec;
    spec.end_silence = 400ms;
    spec.start_timeout = 1s;
    return spec;
  }

  base::SeededRandom random{1};
  const call::TapId tap = call::TapId::make(random);
  std::shared_ptr<media::TapRing> ring = std::make_shared<media::TapRing>(uint16_t{1}, 8000U);
  audio::ToneGenerator tone{audio::sine_tone(500, -12.0F), 8000};
  std::vector<call::SpeechHeard> heard;
  int times_begun = 0;
  http::Client client{loop};
  HttpRecogniser recogniser{loop, client, {url("transcriptions"), "key", "m1", 1s, 100ms}};
};

TEST_F(HttpRecogniserTest, WhatWasSaidIsCutOutAndUnderstood) {
  answer = R"({"text":" summer offer ","confidence":0.75})";
  call::RecognitionSpec spec = quick();
  spec.language = "de-DE";
  spec.hints = {"summer", "winter"};
  start(spec);
  say(500ms, false);
  say(600ms, true);
  say(800ms, false);
  finished();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].reason, "end_on_silence");
  EXPECT_EQ(times_begun, 1);
  ASSERT_EQ(heard[0].guesses.size(), 1U);
  EXPECT_EQ(heard[0].guesses[0].text, "summer offer");
  EXPECT_FLOAT_EQ(heard[0].guesses[0].confidence, 0.75F);
  const auto form = http::parse_multipart(std::string(last.headers.get("Content-Type")), last.body);
  ASSERT_TRUE(form);
  EXPECT_EQ(*text::find_parameter(*form, "language"), "de");
  EXPECT_EQ(*text::find_parameter(*form, "prompt"), "summer, winter");
  EXPECT_EQ(*text::find_parameter(*form, "model"), "m1");
  const std::string& file = *text::find_parameter(*form, "file");
  const auto wav = audio::WavReader::create(std::as_bytes(std::span(file)));
  ASSERT_TRUE(wav);
  EXPECT_NEAR(static_cast<double>(wav->frames()), (200 + 600 + 600) * 8, 300 * 8)
      << "less the silence before";
}

TEST_F(HttpRecogniserTest, SilenceAsksNobody) {
  start(quick());
  say(1200ms, false);
  finished();
  EXPECT_EQ(heard[0].reason, "start_timeout");
  EXPECT_EQ(times_begun, 0);
  EXPECT_TRUE(heard[0].guesses.empty());
  EXPECT_EQ(requests, 0);
}

TEST_F(HttpRecogniserTest, SpeechWithoutAnEndIsCutAtTheLongest) {
  answer = R"({"text":"on and on"})";
  call::RecognitionSpec spec = quick();
  spec.length_max = 500ms;
  start(spec);
  say(800ms, true);
  finished();
  EXPECT_EQ(heard[0].reason, "max_duration");
  EXPECT_EQ(heard[0].guesses.size(), 1U);
}

TEST_F(HttpRecogniserTest, LateBrokenAndTricklingServicesEndWithAnError) {
  answer = R"({"text":"x"})";
  for (const Manner each : {Manner::Silent, Manner::Trickles, Manner::Fails}) {
    manner = each;
    heard.clear();
    ring = std::make_shared<media::TapRing>(uint16_t{1}, 8000U);
    start(quick());
    say(400ms, true);
    say(800ms, false);
    finished();
    EXPECT_TRUE(heard.back().reason.starts_with("error: ")) << heard.back().reason;
    EXPECT_TRUE(heard.back().guesses.empty());
  }
  manner = Manner::Good;
  for (const char* wrong : {"<html>", R"({"words":1})"}) {
    answer = wrong;
    heard.clear();
    ring = std::make_shared<media::TapRing>(uint16_t{1}, 8000U);
    start(quick());
    say(400ms, true);
    say(800ms, false);
    finished();
    EXPECT_TRUE(heard.back().reason.starts_with("error: ")) << heard.back().reason;
  }
}

TEST_F(HttpRecogniserTest, PartialResultsComeBeforeTheFinalOne) {
  answer = R"({"text":"so far"})";
  call::RecognitionSpec spec = quick();
  spec.partial_results = true;
  start(spec);
  say(600ms, true);
  wait([&] { return !heard.empty(); });
  EXPECT_FALSE(heard[0].final);
  EXPECT_EQ(heard[0].guesses[0].text, "so far");
  say(800ms, false);
  finished();
  EXPECT_TRUE(heard.back().final);
}

TEST_F(HttpRecogniserTest, WhoStoppedIsToldNothingAndALegThatLeavesEndsIt) {
  answer = R"({"text":"x"})";
  start(quick());
  say(400ms, true);
  recogniser.stop(tap);
  start(quick());
  ring->finish();
  finished();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_TRUE(heard[0].final);
}

}  // namespace
}  // namespace sotto::speech
