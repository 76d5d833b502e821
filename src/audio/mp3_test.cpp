#include "audio/mp3.h"

#include <gtest/gtest.h>

#include "audio/level.h"
#include "audio/tone.h"
#include "audio/voice_activity.h"

namespace sotto::audio {
namespace {

using namespace std::chrono_literals;

base::Bytes encoded(uint32_t rate_hz, uint16_t channels, float hz) {
  std::vector<int16_t> samples(rate_hz * 2);
  ToneGenerator(sine_tone(hz, -12.0F), rate_hz).render(samples);
  auto encoder = Mp3Encoder::create({.sample_rate_hz = rate_hz, .channels = channels, .bitrate_kbps = 32});
  EXPECT_TRUE(encoder);
  base::Bytes file;
  const std::vector<std::span<const int16_t>> tracks(channels, samples);
  EXPECT_TRUE(encoder->encode(tracks, file));
  EXPECT_TRUE(encoder->finish(file));
  return file;
}

TEST(Mp3, AToneSurvivesEncodingAndDecoding) {
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    for (const uint16_t channels : {uint16_t{1}, uint16_t{2}}) {
      const auto sound = decode_mp3(encoded(rate, channels, 700.0F), 1h);
      ASSERT_TRUE(sound) << rate;
      EXPECT_EQ(sound->sample_rate_hz, rate);
      EXPECT_FALSE(sound->cut);
      EXPECT_NEAR(static_cast<double>(sound->samples.size()), rate * 2.0, rate * 0.4);
      EXPECT_NEAR(tone_level_db(std::span(sound->samples).subspan(rate, rate / 10), rate, 700.0F), -12.0F,
                  1.5F);
    }
  }
}

TEST(Mp3, DecodingStopsAtTheLongestAllowed) {
  const auto sound = decode_mp3(encoded(8'000, 1, 700.0F), 500ms);
  ASSERT_TRUE(sound);
  EXPECT_EQ(sound->samples.size(), 4'000U);
  EXPECT_TRUE(sound->cut);
}

TEST(Mp3, WhatIsNoneIsRefused) {
  EXPECT_FALSE(decode_mp3({}, 1s));
  EXPECT_FALSE(decode_mp3(base::Bytes(5'000, std::byte{0x41}), 1s));
  EXPECT_FALSE(Mp3Encoder::create({.channels = 3}));
}

TEST(VoiceActivity, SpeechStandsOutOfItsBackground) {
  VoiceActivity activity(8'000);
  std::vector<int16_t> quiet(160);
  std::vector<int16_t> loud(160);
  ToneGenerator hum(sine_tone(200.0F, -55.0F), 8'000);
  ToneGenerator voice(sine_tone(300.0F, -20.0F), 8'000);
  for (int i = 0; i < 100; ++i) {
    hum.render(quiet);
    EXPECT_FALSE(activity.feed(quiet));
  }
  EXPECT_GE(activity.since_change(), 2s);
  voice.render(loud);
  EXPECT_TRUE(activity.feed(loud));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(activity.feed(quiet));
  EXPECT_FALSE(activity.feed(quiet));
  EXPECT_EQ(activity.since_change(), 20ms);
}

TEST(VoiceActivity, ASteadyToneBecomesBackground) {
  VoiceActivity activity(8'000);
  std::vector<int16_t> samples(160);
  ToneGenerator tone(sine_tone(300.0F, -45.0F), 8'000);
  for (int i = 0; i < 1'000; ++i) {
    tone.render(samples);
    activity.feed(samples);
  }
  EXPECT_FALSE(activity.active());
}

}  // namespace
}  // namespace sotto::audio
