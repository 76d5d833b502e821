#include "audio/wav.h"

#include <vector>

#include <gtest/gtest.h>

namespace sotto::audio {
namespace {

base::Bytes file_of(const WavFormat& format, const base::Bytes& data, uint64_t claimed) {
  const auto header = wav_header(format, claimed);
  base::Bytes file(header.begin(), header.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

TEST(Wav, StereoSurvivesARoundTripByChannel) {
  const std::vector<int16_t> left = {1, -2, 32'767};
  const std::vector<int16_t> right = {100, 200, -32'768};
  const std::span<const int16_t> channels[] = {left, right};
  base::Bytes data;
  write_wav_frames(channels, data);
  const WavFormat format{WavEncoding::Pcm16, 16'000, 2};
  const base::Bytes file = file_of(format, data, data.size());
  const auto reader = WavReader::create(file);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->format(), format);
  EXPECT_EQ(reader->frames(), 3U);
  std::vector<int16_t> out(5);
  EXPECT_EQ(reader->read(0, 0, out), 3U);
  EXPECT_EQ(std::vector<int16_t>(out.begin(), out.begin() + 3), left);
  EXPECT_EQ(reader->read(1, 1, out), 2U);
  EXPECT_EQ(out[0], 200);
  EXPECT_EQ(reader->read_mixed(0, out), 3U);
  EXPECT_EQ(out[0], 50);
  EXPECT_EQ(reader->read(3, 0, out), 0U);
  EXPECT_EQ(reader->read(0, 2, out), 0U);
}

TEST(Wav, UlawAndAlawAreDecoded) {
  std::vector<int16_t> out(1);
  const base::Bytes ulaw = file_of({WavEncoding::Ulaw, 8'000, 1}, {std::byte{0x80}}, 1);
  EXPECT_EQ(WavReader::create(ulaw)->read(0, 0, out), 1U);
  EXPECT_EQ(out[0], 32'124);
  const base::Bytes alaw = file_of({WavEncoding::Alaw, 8'000, 1}, {std::byte{0xD5}}, 1);
  EXPECT_EQ(WavReader::create(alaw)->read(0, 0, out), 1U);
  EXPECT_EQ(out[0], 8);
}

TEST(Wav, AnInterruptedFileIsReadToItsEnd) {
  for (const uint64_t claimed : {uint64_t{0}, uint64_t{1} << 40}) {
    const base::Bytes file = file_of({}, base::Bytes(10), claimed);
    const auto reader = WavReader::create(file);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->frames(), 5U);
  }
}

TEST(Wav, WhatIsNoneIsRefused) {
  EXPECT_FALSE(WavReader::create({}));
  base::Bytes file = file_of({}, base::Bytes(10), 10);
  EXPECT_FALSE(WavReader::create(base::ByteView(file).first(30)));
  file[20] = std::byte{3};  // float
  EXPECT_EQ(WavReader::create(file).error().code, ErrorCode::Unsupported);
  file[20] = std::byte{1};
  file[22] = std::byte{0};  // no channels
  EXPECT_EQ(WavReader::create(file).error().code, ErrorCode::OutOfRange);
}

}  // namespace
}  // namespace sotto::audio
