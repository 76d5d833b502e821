#include <gtest/gtest.h>

#include "audio/level.h"
#include "net/loop.h"
#include "speech/child_process.h"
#include "speech/espeak_engine.h"
#include "speech/flite_engine.h"
#include "speech/speaking.h"
#include "speech/synthesiser.h"

namespace sotto::speech {
namespace {

using namespace std::chrono_literals;

call::Speech say(std::string text) {
  call::Speech speech;
  speech.runs.push_back({std::move(text)});
  return speech;
}

TEST(Speaking, DigitsAndTelephoneNumbersAreSpelt) {
  call::SpeechRun run;
  run.text = "12 3";
  run.say_as = call::SpeechRun::SayAs::Digits;
  EXPECT_EQ(spoken_text(run), "1, 2, 3");
}

TEST(Speaking, VoicesByGenderAndByForeignNames) {
  EXPECT_EQ(gender_of("male"), Gender::Male);
  EXPECT_EQ(gender_of("Polly.Matthew-Neural"), Gender::Male);
  EXPECT_EQ(gender_of("Kimberly"), Gender::Female);
  EXPECT_EQ(gender_of(""), Gender::Female);
}

TEST(Speaking, EveryLanguageHasAnEngineAndAVoice) {
  EXPECT_EQ(engine_for("en-US"), EngineKind::Flite);
  EXPECT_EQ(engine_for("de-DE"), EngineKind::Espeak);
  EXPECT_EQ(espeak_voice("de-DE"), "de");
  EXPECT_EQ(espeak_voice("pt-BR"), "pt-br");
  EXPECT_EQ(espeak_voice("no-NO"), "nb");
  EXPECT_EQ(espeak_voice("es-MX"), "es-419");
}

TEST(Flite, BothVoicesSpeakAndSlowSpeechIsLonger) {
  FliteEngine engine;
  for (const Gender gender : {Gender::Female, Gender::Male}) {
    Utterance utterance{"incoming call regarding the summer offer", "en-us", gender};
    const auto normal = engine.synthesise(utterance);
    ASSERT_TRUE(normal);
    EXPECT_GT(normal->length(), 1500ms);
    EXPECT_LT(normal->length(), 6000ms);
    EXPECT_GT(audio::level_db(normal->samples), -40.0F);
    utterance.rate = 0.5F;
    EXPECT_GT(engine.synthesise(utterance)->length(), normal->length() * 3 / 2);
  }
}

TEST(Espeak, SpeaksOtherLanguagesAndItsDeathIsAnError) {
  EspeakEngine engine;
  for (const char* language : {"de-de", "fr-fr", "pt-br", "pl-pl"}) {
    const auto spoken = engine.synthesise({"eins zwei drei", language});
    ASSERT_TRUE(spoken) << language;
    EXPECT_GT(spoken->length(), 300ms);
  }
  EspeakEngine dead("false");
  EXPECT_FALSE(dead.synthesise({"hello", "de-de"}));
}

TEST(ChildProcess, GivesBackWhatItWritesAndIsBounded) {
  const auto echoed = run_child({"cat"}, "hello", 5s, 100);
  ASSERT_TRUE(echoed);
  EXPECT_EQ(base::as_text(*echoed), "hello");
  EXPECT_EQ(run_child({"sleep", "60"}, "", 50ms, 100).error().code, ErrorCode::TimedOut);
  EXPECT_EQ(run_child({"cat", "/dev/zero"}, "", 5s, 1000).error().code, ErrorCode::TooLarge);
  EXPECT_EQ(run_child({"false"}, std::string(1'000'000, 'x'), 5s, 100).error().code, ErrorCode::Internal);
  EXPECT_EQ(run_child({"no-such-program-here"}, "", 5s, 100).error().code, ErrorCode::NotFound);
}

TEST(Speaking, WordsBeginAtOnce) {
  audio::Pcm sound{8000, std::vector<int16_t>(1600, 20)};
  sound.samples.insert(sound.samples.end(), 800, 1000);
  trim_start(sound);
  EXPECT_EQ(sound.samples.size(), 880u);
  EXPECT_EQ(sound.samples[80], 1000);
  trim_start(sound);
  EXPECT_EQ(sound.samples.size(), 880u);
  audio::Pcm silence{8000, std::vector<int16_t>(1600, 20)};
  trim_start(silence);
  EXPECT_EQ(silence.samples.size(), 1600u);
}

struct CountingEngine final : Engine {
  std::atomic<int> calls{0};
  bool broken = false;
  Result<audio::Pcm> synthesise(const Utterance& utterance) override {
    ++calls;
    if (broken) return fail(ErrorCode::Internal, "speech: the engine died");
    return audio::Pcm{8000, std::vector<int16_t>(utterance.text.size() * 800, 1000)};
  }
};

struct SynthesiserTest : testing::Test {
  net::Loop loop;
  CountingEngine english;
  CountingEngine others;
  net::WorkerPool pool{loop, 2};
  Synthesiser synthesiser{pool, {english, others}, 100'000};

  Result<audio::SharedPcm> speak(const call::Speech& speech) {
    std::optional<Result<audio::SharedPcm>> answer;
    synthesiser.speak(speech, [&](Result<audio::SharedPcm> made) { answer = std::move(made); });
    EXPECT_FALSE(answer.has_value()) << "never from inside speak()";
    loop.run_until([&] { return answer.has_value(); });
    return *answer;
  }
};

TEST_F(SynthesiserTest, TheSameWordsAreMadeOnce) {
  const auto first = speak(say("hello"));
  const auto second = speak(say("hello"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(english.calls, 1);
}

TEST_F(SynthesiserTest, AskersOfTheSameWordsMeanwhileShareOneSynthesis) {
  int done = 0;
  for (int i = 0; i < 5; ++i) {
    synthesiser.speak(say("hello"), [&](Result<audio::SharedPcm> made) { done += made ? 1 : 0; });
  }
  loop.run_until([&] { return done == 5; });
  EXPECT_EQ(english.calls, 1);
}

TEST_F(SynthesiserTest, TheCacheForgetsTheOldestAndStaysInItsBound) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(speak(say("words " + std::to_string(i))));
  EXPECT_LE(synthesiser.counters().cache_bytes, 100'000u);
  const int before = english.calls;
  ASSERT_TRUE(speak(say("words 19")));
  EXPECT_EQ(english.calls, before);
  ASSERT_TRUE(speak(say("words 0")));
  EXPECT_EQ(english.calls, before + 1);
}

TEST_F(SynthesiserTest, AFailureIsReportedAndNotKept) {
  english.broken = true;
  EXPECT_FALSE(speak(say("hello")));
  english.broken = false;
  EXPECT_TRUE(speak(say("hello")));
}

TEST_F(SynthesiserTest, WordsComeAtTheRateOfTheRooms) {
  Synthesiser wide(pool, {english, others, {}, 16'000}, 100'000);
  std::optional<Result<audio::SharedPcm>> answer;
  wide.speak(say("hello"), [&](Result<audio::SharedPcm> made) { answer = std::move(made); });
  loop.run_until([&] { return answer.has_value(); });
  const auto as_made = speak(say("hello"));
  ASSERT_TRUE(*answer && as_made);
  EXPECT_EQ((**answer)->rate_hz, 16'000u);
  EXPECT_EQ((**answer)->length(), (*as_made)->length());
}

TEST_F(SynthesiserTest, PausesAndGainsOfRuns) {
  call::Speech speech = say("abcd");
  speech.runs[0].pause_after = 500ms;
  speech.runs[0].gain_db = -20.0F;
  const auto made = speak(speech);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->length(), 900ms);
  EXPECT_EQ((*made)->samples[0], 100);
  EXPECT_EQ((*made)->samples.back(), 0);
}

}  // namespace
}  // namespace sotto::speech
