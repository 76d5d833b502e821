#include "audio/tone.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audio/dtmf_detector.h"
#include "audio/level.h"
#include "audio/mix.h"
#include "audio/resampler.h"

namespace sotto::audio {
namespace {

std::vector<int16_t> render(const Tone& tone, uint32_t rate_hz, size_t count) {
  std::vector<int16_t> samples(count);
  ToneGenerator(tone, rate_hz).render(samples);
  return samples;
}

TEST(Level, ATonesLevelIsMeasuredAtItsFrequencyOnly) {
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    const auto samples = render(sine_tone(997.0F, -20.0F), rate, rate / 10);
    EXPECT_NEAR(level_db(samples), -20.0F, 0.2F);
    EXPECT_NEAR(tone_level_db(samples, rate, 997.0F), -20.0F, 0.2F);
    EXPECT_LT(tone_level_db(samples, rate, 957.0F), -50.0F);
    EXPECT_LT(tone_level_db(samples, rate, 1500.0F), -70.0F);
    EXPECT_TRUE(has_tone(samples, rate, 997.0F));
    EXPECT_FALSE(has_tone(samples, rate, 1200.0F));
  }
  EXPECT_EQ(level_db(std::vector<int16_t>(160)), kSilenceDb);
  EXPECT_EQ(tone_level_db({}, 8'000, 440.0F), kSilenceDb);
}

TEST(Tone, RingbackFollowsTheCountrysCadence) {
  const auto us = render(ringback_tone("us"), 8'000, 8'000 * 7);
  EXPECT_TRUE(has_tone(std::span(us).subspan(8'000, 800), 8'000, 440.0F));
  EXPECT_TRUE(has_tone(std::span(us).subspan(8'000, 800), 8'000, 480.0F));
  EXPECT_EQ(level_db(std::span(us).subspan(8'000 * 3, 8'000)), kSilenceDb);
  EXPECT_TRUE(has_tone(std::span(us).subspan(8'000 * 6 + 100, 800), 8'000, 480.0F));
  const auto gb = render(ringback_tone("GB"), 8'000, 8'000 * 3);
  EXPECT_TRUE(has_tone(std::span(gb).subspan(0, 3'200), 8'000, 400.0F));
  EXPECT_EQ(level_db(std::span(gb).subspan(3'300, 1'400)), kSilenceDb);
  EXPECT_TRUE(has_tone(std::span(gb).subspan(4'900, 3'000), 8'000, 450.0F));
  EXPECT_TRUE(has_tone(render(busy_tone("de"), 8'000, 800), 8'000, 425.0F));
}

TEST(Tone, OneThatDoesNotRepeatEndsInSilence) {
  ToneGenerator generator(beep_tone(), 8'000);
  std::vector<int16_t> samples(8'000);
  generator.render(samples);
  EXPECT_TRUE(generator.finished());
  EXPECT_TRUE(has_tone(std::span(samples).first(4'000), 8'000, 1000.0F));
  EXPECT_EQ(level_db(std::span(samples).subspan(4'000)), kSilenceDb);
}

TEST(Tone, AnHourLongSineKeepsItsLevel) {
  ToneGenerator generator(sine_tone(440.0F, -10.0F), 8'000);
  std::vector<int16_t> samples(8'000);
  for (int second = 0; second < 600; ++second) generator.render(samples);
  EXPECT_NEAR(tone_level_db(samples, 8'000, 440.0F), -10.0F, 0.2F);
}

TEST(Dtmf, EveryDigitIsDetectedAtEveryRate) {
  const std::string digits = "1234567890*#ABCD55";
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    DtmfDetector detector(rate);
    std::string heard;
    for (const char digit : digits) {
      detector.feed(render(dtmf_tone(digit, 80), rate, rate / 1000 * 160));
      while (const auto found = detector.next_digit()) heard += *found;
    }
    EXPECT_EQ(heard, digits);
  }
}

TEST(Dtmf, SpeechBandTonesAreNoDigits) {
  DtmfDetector detector(8'000);
  for (float hz = 300.0F; hz < 3000.0F; hz += 37.0F)
    detector.feed(render(sine_tone(hz, -10.0F), 8'000, 1'600));
  EXPECT_EQ(detector.next_digit(), std::nullopt);
}

TEST(Dtmf, TheTwoSinesMayDifferByEightDecibels) {
  for (const float twist : {-8.0F, 8.0F}) {
    const auto low = render(sine_tone(770.0F, -15.0F), 8'000, 800);
    const auto high = render(sine_tone(1336.0F, -15.0F + twist), 8'000, 800);
    std::vector<int32_t> sum(800);
    add(sum, low);
    add(sum, high);
    std::vector<int16_t> both(1'600);
    saturate(sum, std::span(both).first(800));
    DtmfDetector detector(8'000);
    detector.feed(both);
    EXPECT_EQ(detector.next_digit(), '5');
  }
}

TEST(Resampler, ATonePassesBetweenAllRates) {
  for (const uint32_t from : {8'000U, 16'000U, 44'100U, 48'000U}) {
    for (const uint32_t to : {8'000U, 16'000U, 48'000U}) {
      const auto in = render(sine_tone(700.0F, -12.0F), from, from);
      std::vector<int16_t> out(to + 10);
      const Resampler::Step step = Resampler(from, to).run(in, out);
      EXPECT_EQ(step.read, in.size());
      EXPECT_NEAR(static_cast<double>(step.written), to, to / 100.0);
      EXPECT_NEAR(tone_level_db(std::span(out).subspan(to / 2, to / 4), to, 700.0F), -12.0F, 0.5F);
    }
  }
}

TEST(Mix, WhatWasAddedIsSubtractedToTheBit) {
  const auto loud = render(sine_tone(300.0F, 0.0F), 8'000, 161);
  const auto quiet = render(sine_tone(900.0F, -30.0F), 8'000, 161);
  const Gain gain = Gain::from_db(12.0F);
  std::vector<int32_t> sum(161);
  add(sum, quiet);
  add(sum, loud, gain);
  subtract(sum, loud, gain);
  std::vector<int16_t> out(161);
  saturate(sum, out);
  EXPECT_EQ(out, quiet);
}

TEST(Mix, FourThousandLegsAtFullScaleSaturate) {
  const std::vector<int16_t> loud(16, 32'767);
  std::vector<int32_t> sum(16);
  for (int leg = 0; leg < 4'096; ++leg) add(sum, loud, Gain::from_db(60.0F));
  std::vector<int16_t> out(16);
  saturate(sum, out);
  EXPECT_EQ(out, loud);
}

TEST(Mix, GainInDecibels) {
  const auto in = render(sine_tone(440.0F, -20.0F), 8'000, 800);
  std::vector<int16_t> out(800);
  apply(Gain::from_db(6.0F), in, out);
  EXPECT_NEAR(level_db(out), -14.0F, 0.2F);
  apply(Gain::from_db(-20.0F), in, out);
  EXPECT_NEAR(level_db(out), -40.0F, 0.2F);
  apply(Gain::from_db(-100.0F), in, out);
  EXPECT_EQ(level_db(out), kSilenceDb);
  EXPECT_TRUE(Gain::from_db(0.0F).is_unity());
}

}  // namespace
}  // namespace sotto::audio
