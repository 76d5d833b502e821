#include "audio/ogg_opus.h"

#include <gtest/gtest.h>

#include "audio/codec.h"
#include "audio/level.h"
#include "audio/tone.h"

namespace sotto::audio {
namespace {

uint64_t little(base::ByteView bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= static_cast<uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

struct Page {
  uint64_t flags = 0;
  uint64_t granule = 0;
  std::vector<base::Bytes> packets;
};

// The file's pages, each with its checksum right and its number the next.
std::vector<Page> read_pages(base::ByteView file) {
  std::vector<Page> pages;
  size_t at = 0;
  while (at < file.size()) {
    EXPECT_EQ(base::as_text(file.subspan(at, 4)), "OggS");
    const auto segments = static_cast<size_t>(file[at + 26]);
    size_t body = at + 27 + segments;
    Page page{little(file, at + 5, 1), little(file, at + 6, 8), {}};
    EXPECT_EQ(little(file, at + 18, 4), pages.size());
    base::Bytes packet;
    for (size_t i = 0; i < segments; ++i) {
      const auto size = static_cast<size_t>(file[at + 27 + i]);
      const base::ByteView part = file.subspan(body, size);
      packet.insert(packet.end(), part.begin(), part.end());
      body += size;
      if (size < 255) page.packets.push_back(std::exchange(packet, {}));
    }
    EXPECT_TRUE(packet.empty()) << "no packet goes on in the next page";
    base::Bytes bytes(file.begin() + static_cast<std::ptrdiff_t>(at),
                      file.begin() + static_cast<std::ptrdiff_t>(body));
    std::fill(bytes.begin() + 22, bytes.begin() + 26, std::byte{0});
    EXPECT_EQ(little(file, at + 22, 4), ogg_checksum(bytes));
    pages.push_back(std::move(page));
    at = body;
  }
  return pages;
}

base::Bytes encoded(uint32_t rate_hz, uint16_t channels, size_t frames, float hz) {
  std::vector<int16_t> samples(frames);
  ToneGenerator(sine_tone(hz, -12.0F), rate_hz).render(samples);
  auto encoder =
      OggOpusEncoder::create({.sample_rate_hz = rate_hz, .channels = channels, .bitrate_kbps = 32});
  EXPECT_TRUE(encoder);
  base::Bytes file;
  for (size_t at = 0; at < frames; at += 777) {  // no multiple of a frame
    const auto part = std::span<const int16_t>(samples).subspan(at, std::min<size_t>(777, frames - at));
    const std::vector<std::span<const int16_t>> tracks(channels, part);
    EXPECT_TRUE(encoder->encode(tracks, file));
  }
  EXPECT_TRUE(encoder->finish(file));
  return file;
}

// RFC 3533's checksum, of the text whose CRC-32/MPEG-2 without its first value is known.
TEST(OggOpus, TheChecksumIsThatOfTheRfc) {
  EXPECT_EQ(ogg_checksum(base::as_bytes(std::string_view("123456789"))), 0x89a1'897fU);
  EXPECT_EQ(ogg_checksum({}), 0U);
}

TEST(OggOpus, AToneSurvivesAndItsLengthIsExact) {
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    const size_t frames = rate * 2 + 123;
    const base::Bytes file = encoded(rate, 1, frames, 700.0F);
    const std::vector<Page> pages = read_pages(file);
    ASSERT_GT(pages.size(), 3U);
    EXPECT_EQ(pages.front().flags, 2U);
    EXPECT_EQ(pages.back().flags, 4U);
    const base::Bytes& head = pages[0].packets.at(0);
    ASSERT_EQ(head.size(), 19U);
    EXPECT_EQ(base::as_text(base::ByteView(head).first(8)), "OpusHead");
    EXPECT_EQ(little(head, 9, 1), 1U);
    EXPECT_EQ(little(head, 12, 4), rate);
    const uint64_t pre_skip = little(head, 10, 2);
    EXPECT_EQ(pages.back().granule - pre_skip, frames * 48'000 / rate);
    EXPECT_EQ(base::as_text(base::ByteView(pages[1].packets.at(0)).first(8)), "OpusTags");
    auto decoder = codec(CodecId::Opus).make_decoder({.sample_rate_hz = 48'000});
    std::vector<int16_t> sound;
    for (size_t i = 2; i < pages.size(); ++i) {
      EXPECT_GE(pages[i].granule, pages[i - 1].granule);
      for (const base::Bytes& packet : pages[i].packets) {
        std::vector<int16_t> part(960);
        EXPECT_EQ(decoder->decode(packet, part), part.size());
        sound.insert(sound.end(), part.begin(), part.end());
      }
    }
    EXPECT_GE(sound.size(), pages.back().granule);
    EXPECT_NEAR(tone_level_db(std::span(sound).subspan(48'000, 4'800), 48'000, 700.0F), -12.0F, 2.0F);
  }
}

TEST(OggOpus, TwoChannelsAndNone) {
  const std::vector<Page> pages = read_pages(encoded(16'000, 2, 16'000, 500.0F));
  EXPECT_EQ(little(pages[0].packets.at(0), 9, 1), 2U);
  // Nothing recorded is a file all the same, of no length.
  const std::vector<Page> nothing = read_pages(encoded(16'000, 1, 0, 500.0F));
  EXPECT_EQ(nothing.back().granule, little(nothing[0].packets.at(0), 10, 2));
}

TEST(OggOpus, WhatItCannotMakeIsRefused) {
  EXPECT_FALSE(OggOpusEncoder::create({.sample_rate_hz = 11'025}));
  EXPECT_FALSE(OggOpusEncoder::create({.channels = 3}));
  auto encoder = OggOpusEncoder::create({});
  base::Bytes out;
  const std::vector<int16_t> samples(320);
  const std::vector<std::span<const int16_t>> two(2, samples);
  EXPECT_FALSE(encoder->encode(two, out));
}

}  // namespace
}  // namespace sotto::audio
