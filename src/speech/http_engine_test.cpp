#include "speech/http_engine.h"

#include <gtest/gtest.h>

#include "audio/wav.h"
#include "http/server.h"
#include "net/run.h"
#include "net/worker_pool.h"
#include "speech/synthesiser.h"
#include "text/json.h"

namespace sotto::speech {
namespace {

using namespace std::chrono_literals;

std::string wav_file(size_t frames) {
  const std::vector<int16_t> samples(frames, 1000);
  const std::span<const int16_t> channel(samples);
  std::vector<std::byte> data;
  audio::write_wav_frames(std::span(&channel, 1), data);
  const auto head = audio::wav_header({audio::WavEncoding::Pcm16, 24'000, 1}, data.size());
  std::string file(reinterpret_cast<const char*>(head.data()), head.size());
  file.append(reinterpret_cast<const char*>(data.data()), data.size());
  return file;
}

struct HttpEngineTest : testing::Test {
  HttpEngineTest() {
    router.add(http::Method::Post, "/v1/audio/speech",
               [this](http::Request request) { return answer(std::move(request)); });
    server = *http::Server::start(loop, router, {.listen = *net::parse_endpoint("127.0.0.1:0")});
  }
  ~HttpEngineTest() override { net::run(loop, server->stop(0s)); }

  asio::awaitable<http::Response> answer(http::Request request) {
    asked = *text::parse_json(request.body);
    authorization = request.headers.get("Authorization");
    if (status == 0) co_await loop.sleep(1h);
    http::Response response = http::Response::with(status, "audio/wav", body);
    if (trickles) {
      response.stream_length = body.size();
      response.stream = [this](http::BodyWriter& writer) { return trickle(writer); };
    }
    co_return response;
  }
  asio::awaitable<void> trickle(http::BodyWriter& writer) {
    for (const char byte : body) {
      auto written = co_await writer.write(std::string_view(&byte, 1));
      if (!written) co_return;
      co_await loop.sleep(20ms);
    }
  }

  // In a worker, as the synthesiser does.
  Result<audio::Pcm> say(HttpEngine& engine) {
    std::optional<Result<audio::Pcm>> made;
    net::WorkerPool pool(loop, 1);
    pool.run<Result<audio::Pcm>>(
        [&engine] {
          return engine.synthesise({.text = "hello", .language = "de-de", .rate = 1.5F, .voice = "nova"});
        },
        [&](Result<audio::Pcm> sound) { made = std::move(sound); });
    loop.run_until([&] { return made.has_value(); });
    return std::move(*made);
  }
  HttpEngineSettings settings(std::chrono::milliseconds time_max = 5s) {
    return {.url = "http://" + net::to_string(server->address()) + "/v1/audio/speech",
            .key = "secret",
            .time_max = time_max};
  }

  net::Loop loop;
  http::Router router;
  std::unique_ptr<http::Server> server;
  int status = 200;
  bool trickles = false;
  std::string body = wav_file(2400);
  text::Json asked;
  std::string authorization;
};

TEST_F(HttpEngineTest, AsksForTheWordsInTheVoiceAndDecodesTheAnswer) {
  HttpEngine engine(settings());
  const auto sound = say(engine);
  ASSERT_TRUE(sound) << sound.error().detail;
  EXPECT_EQ(sound->rate_hz, 24'000u);
  EXPECT_EQ(sound->length(), 100ms);
  EXPECT_EQ(asked["input"], text::Json("hello"));
  EXPECT_EQ(asked["voice"], text::Json("nova"));
  EXPECT_EQ(asked["speed"], text::Json(1.5));
  EXPECT_EQ(asked["response_format"], text::Json("wav"));
  EXPECT_EQ(authorization, "Bearer secret");
}

TEST_F(HttpEngineTest, AFailingServiceIsAnErrorThatSaysWhy) {
  HttpEngine engine(settings());
  status = 500;
  body = "out of memory";
  const auto sound = say(engine);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().code, ErrorCode::Internal);
  EXPECT_NE(sound.error().detail.find("500 out of memory"), std::string::npos);
}

TEST_F(HttpEngineTest, AServiceThatDoesNotAnswerTakesNoLongerThanAllowed) {
  HttpEngine engine(settings(100ms));
  status = 0;
  EXPECT_EQ(say(engine).error().code, ErrorCode::TimedOut);
}

TEST_F(HttpEngineTest, AServiceThatTricklesTakesNoLongerThanAllowed) {
  HttpEngine engine(settings(200ms));
  trickles = true;
  EXPECT_EQ(say(engine).error().code, ErrorCode::TimedOut);
}

TEST_F(HttpEngineTest, WhatIsNoSoundIsRefused) {
  HttpEngine engine(settings());
  body = "<html>hello</html>";
  EXPECT_EQ(say(engine).error().code, ErrorCode::Invalid);
}

TEST_F(HttpEngineTest, NobodyThereIsUnreachable) {
  HttpEngine engine({.url = "http://127.0.0.1:1/v1/audio/speech"});
  EXPECT_EQ(say(engine).error().code, ErrorCode::Unreachable);
}

TEST(VoiceTable, TheFirstRowThatFitsCounts) {
  const std::vector<VoiceRow> rows = {
      {"de-AT", "", "franz"}, {"de", "Hans", "hans"}, {"de", "", "anna"}, {"", "nova", "nova"}};
  EXPECT_EQ(find_voice(rows, "de-at", "")->engine_voice, "franz");
  EXPECT_EQ(find_voice(rows, "de-DE", "hans")->engine_voice, "hans");
  EXPECT_EQ(find_voice(rows, "de", "Vicki")->engine_voice, "anna");
  EXPECT_EQ(find_voice(rows, "fr-FR", "Nova")->engine_voice, "nova");
  EXPECT_EQ(find_voice(rows, "den", ""), nullptr);
}

TEST(VoiceTable, ARowMayBeForMensVoicesOnly) {
  const std::vector<VoiceRow> rows = {{"", "", "onyx", nullptr, Gender::Male}, {"", "", "nova"}};
  EXPECT_EQ(find_voice(rows, "en", "Polly.Matthew")->engine_voice, "onyx");
  EXPECT_EQ(find_voice(rows, "en", "Polly.Joanna")->engine_voice, "nova");
}

struct FixedEngine final : Engine {
  bool broken = false;
  std::string voice;
  Result<audio::Pcm> synthesise(const Utterance& utterance) override {
    voice = utterance.voice;
    if (broken) return fail(ErrorCode::Internal, "speech: the engine died");
    return audio::Pcm{8000, std::vector<int16_t>(80, 1)};
  }
};

TEST(SynthesiserVoices, WhereAVoiceFailsABuiltInOneSpeaks) {
  net::Loop loop;
  FixedEngine builtin;
  FixedEngine natural;
  net::WorkerPool pool(loop, 1);
  Synthesiser synthesiser(pool, {builtin, builtin, {{"en", "", "nova", &natural}}});
  const auto speak = [&](std::string words) {
    call::Speech speech;
    speech.runs.push_back({std::move(words)});
    std::optional<bool> made;
    synthesiser.speak(speech, [&](Result<audio::SharedPcm> sound) { made = sound.has_value(); });
    loop.run_until([&] { return made.has_value(); });
    return *made;
  };
  EXPECT_TRUE(speak("one"));
  EXPECT_EQ(natural.voice, "nova");
  EXPECT_TRUE(builtin.voice.empty());
  natural.broken = true;
  EXPECT_TRUE(speak("two"));
  builtin.broken = true;
  EXPECT_FALSE(speak("three"));
}

}  // namespace
}  // namespace sotto::speech
