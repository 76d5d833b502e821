#include "audio/codec.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "audio/g711.h"
#include "audio/level.h"
#include "audio/tone.h"

namespace sotto::audio {
namespace {

std::vector<int16_t> sine(uint32_t rate_hz, float hz, size_t count, float level = -12.0F) {
  std::vector<int16_t> samples(count);
  ToneGenerator(sine_tone(hz, level), rate_hz).render(samples);
  return samples;
}

// Sends `samples` through a codec in 20 ms frames; every `lose_every`th packet is lost.
std::vector<int16_t> through(const CodecSpec& spec, const std::vector<int16_t>& samples,
                             size_t lose_every = 0, CodecSettings settings = {}) {
  const auto encoder = spec.make_encoder(settings);
  const auto decoder = spec.make_decoder(settings);
  const size_t frame = encoder->sample_rate_hz() / 50;
  std::vector<int16_t> out;
  std::vector<std::vector<std::byte>> payloads;
  for (size_t at = 0; at + frame <= samples.size(); at += frame) {
    std::vector<std::byte> payload(1500);
    payload.resize(encoder->encode(std::span(samples).subspan(at, frame), payload));
    EXPECT_GT(payload.size(), 0U);
    EXPECT_EQ(spec.ticks_of(payload), spec.clock_rate_hz / 50);
    payloads.push_back(std::move(payload));
  }
  for (size_t i = 0; i < payloads.size(); ++i) {
    std::vector<int16_t> decoded(frame);
    if (lose_every != 0 && i % lose_every == lose_every - 1) {
      decoder->conceal(decoded, i + 1 < payloads.size() ? base::ByteView(payloads[i + 1]) : base::ByteView());
    } else {
      EXPECT_EQ(decoder->decode(payloads[i], decoded), frame);
    }
    out.insert(out.end(), decoded.begin(), decoded.end());
  }
  return out;
}

TEST(Codecs, EveryCodecCarriesATone) {
  for (const CodecSpec& spec : codecs()) {
    const auto out = through(spec, sine(spec.sample_rate_hz, 440.0F, spec.sample_rate_hz));
    const auto tail = std::span(out).subspan(out.size() / 2);
    EXPECT_NEAR(tone_level_db(tail, spec.sample_rate_hz, 440.0F), -12.0F, 1.5F) << spec.name;
    EXPECT_LT(tone_level_db(tail, spec.sample_rate_hz, 1000.0F), -50.0F) << spec.name;
  }
}

TEST(Codecs, EveryCodecConcealsTenPercentLoss) {
  for (const CodecSpec& spec : codecs()) {
    const auto out = through(spec, sine(spec.sample_rate_hz, 250.0F, 2 * spec.sample_rate_hz), 10);
    const size_t window = spec.sample_rate_hz / 10;
    for (size_t at = spec.sample_rate_hz / 2; at + window <= out.size(); at += window) {
      EXPECT_GT(tone_level_db(std::span(out).subspan(at, window), spec.sample_rate_hz, 250.0F), -18.0F)
          << spec.name;
    }
  }
}

TEST(Codecs, OpusRunsAtTheRoomsRate) {
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    const auto out = through(codec(CodecId::Opus), sine(rate, 440.0F, rate), 0, {.sample_rate_hz = rate});
    EXPECT_NEAR(tone_level_db(std::span(out).subspan(rate / 2), rate, 440.0F), -12.0F, 1.5F);
  }
}

TEST(Codecs, RatesThatACodecCannotAreRefused) {
  EXPECT_EQ(codec(CodecId::Pcmu).make_encoder({.sample_rate_hz = 16'000}), nullptr);
  EXPECT_EQ(codec(CodecId::G722).make_decoder({.sample_rate_hz = 8'000}), nullptr);
  EXPECT_EQ(codec(CodecId::Opus).make_encoder({.sample_rate_hz = 44'100}), nullptr);
}

TEST(Codecs, AreFoundByNameAndRateInAnyCase) {
  ASSERT_NE(find_codec("pcmu", 8'000), nullptr);
  EXPECT_EQ(find_codec("pcmu", 8'000)->id, CodecId::Pcmu);
  EXPECT_EQ(find_codec("OPUS", 48'000)->id, CodecId::Opus);
  EXPECT_EQ(find_codec("L16", 16'000)->id, CodecId::L16Wide);
  EXPECT_EQ(find_codec("PCMU", 16'000), nullptr);
  EXPECT_EQ(find_codec("G729", 8'000), nullptr);
}

TEST(Codecs, FramesThatDoNotFitAreRefused) {
  std::vector<std::byte> small(10);
  const std::vector<int16_t> frame(960);
  for (const CodecSpec& spec : codecs()) {
    if (spec.id == CodecId::Opus) continue;
    EXPECT_EQ(spec.make_encoder({})->encode(frame, small), 0U) << spec.name;
  }
  std::vector<int16_t> few(20);
  for (const CodecSpec& spec : codecs()) {
    EXPECT_LE(spec.make_decoder({})->decode(std::vector<std::byte>(200), few), few.size()) << spec.name;
  }
}

TEST(G711, EveryCodeSurvivesARoundTrip) {
  for (int code = 0; code < 256; ++code) {
    const std::byte byte{static_cast<uint8_t>(code)};
    int16_t sample = 0;
    std::byte back{};
    ulaw_decode({&byte, 1}, {&sample, 1});
    ulaw_encode({&sample, 1}, {&back, 1});
    // µ-law has two zeros.
    EXPECT_EQ(back, code == 0x7F ? std::byte{0xFF} : byte);
    alaw_decode({&byte, 1}, {&sample, 1});
    alaw_encode({&sample, 1}, {&back, 1});
    EXPECT_EQ(back, byte);
  }
}

TEST(G711, ValuesOfTheStandardsTables) {
  const auto ulaw = [](int code) {
    const std::byte byte{static_cast<uint8_t>(code)};
    int16_t sample = 0;
    ulaw_decode({&byte, 1}, {&sample, 1});
    return sample;
  };
  const auto alaw = [](int code) {
    const std::byte byte{static_cast<uint8_t>(code)};
    int16_t sample = 0;
    alaw_decode({&byte, 1}, {&sample, 1});
    return sample;
  };
  EXPECT_EQ(ulaw(0x00), -32'124);
  EXPECT_EQ(ulaw(0x80), 32'124);
  EXPECT_EQ(ulaw(0xFF), 0);
  EXPECT_EQ(ulaw(0xF0), 120);
  EXPECT_EQ(alaw(0xD5), 8);
  EXPECT_EQ(alaw(0x55), -8);
  EXPECT_EQ(alaw(0xAA), 32'256);
  EXPECT_EQ(alaw(0x2A), -32'256);
}

TEST(G711, ErrorsStayWithinAStep) {
  for (int value = -32'768; value <= 32'767; value += 7) {
    const auto sample = static_cast<int16_t>(value);
    std::byte byte{};
    int16_t back = 0;
    const double tolerance = 16.0 + std::abs(value) / 25.0;
    ulaw_encode({&sample, 1}, {&byte, 1});
    ulaw_decode({&byte, 1}, {&back, 1});
    EXPECT_NEAR(back, value, tolerance);
    alaw_encode({&sample, 1}, {&byte, 1});
    alaw_decode({&byte, 1}, {&back, 1});
    EXPECT_NEAR(back, value, tolerance);
  }
}

}  // namespace
}  // namespace sotto::audio
