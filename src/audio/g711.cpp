#include "audio/g711.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sotto::audio {
namespace {

// The tables are indexed by a sample's upper bits: 14 for µ-law and 12 for A-law, whose finest steps are 8
// and 16.
constexpr int kUlawShift = 2;
constexpr int kAlawShift = 4;
constexpr size_t kUlawEntries = 65'536 >> kUlawShift;
constexpr size_t kAlawEntries = 65'536 >> kAlawShift;

constexpr int kUlawBias = 0x84;
constexpr int kUlawClip = 32'635;

constexpr uint8_t ulaw_of(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, kUlawClip) + kUlawBias;
  const int exponent = std::bit_width(static_cast<unsigned>(magnitude)) - 8;
  const int mantissa = (magnitude >> (exponent + 3)) & 0x0F;
  return static_cast<uint8_t>(~(sign | exponent << 4 | mantissa));
}

constexpr int16_t sample_of_ulaw(int byte) {
  const int code = ~byte & 0xFF;
  const int magnitude = ((((code & 0x0F) << 3) + kUlawBias) << ((code >> 4) & 7)) - kUlawBias;
  return static_cast<int16_t>((code & 0x80) != 0 ? -magnitude : magnitude);
}

constexpr uint8_t alaw_of(int sample) {
  const int mask = sample < 0 ? 0x55 : 0xD5;
  const int magnitude = sample < 0 ? ~sample : sample;
  const int width = std::bit_width(static_cast<unsigned>(magnitude));
  const int exponent = std::max(width - 8, 0);
  const int mantissa = (magnitude >> (exponent == 0 ? 4 : exponent + 3)) & 0x0F;
  return static_cast<uint8_t>((exponent << 4 | mantissa) ^ mask);
}

constexpr int16_t sample_of_alaw(int byte) {
  const int code = byte ^ 0x55;
  const int exponent = (code >> 4) & 7;
  const int mantissa = ((code & 0x0F) << 4) + 8;
  const int magnitude = exponent == 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return static_cast<int16_t>((code & 0x80) != 0 ? magnitude : -magnitude);
}

template <size_t kEntries, int kShift, typename Encode>
constexpr std::array<uint8_t, kEntries> encode_table(Encode encode) {
  std::array<uint8_t, kEntries> table{};
  for (size_t i = 0; i < kEntries; ++i) table[i] = encode((static_cast<int>(i) << kShift) - 32'768);
  return table;
}

template <typename Decode>
constexpr std::array<int16_t, 256> decode_table(Decode decode) {
  std::array<int16_t, 256> table{};
  for (int i = 0; i < 256; ++i) table[static_cast<size_t>(i)] = decode(i);
  return table;
}

constexpr auto kUlawOfSample = encode_table<kUlawEntries, kUlawShift>(ulaw_of);
constexpr auto kAlawOfSample = encode_table<kAlawEntries, kAlawShift>(alaw_of);
constexpr auto kSampleOfUlaw = decode_table(sample_of_ulaw);
constexpr auto kSampleOfAlaw = decode_table(sample_of_alaw);

}  // namespace

void ulaw_encode(std::span<const int16_t> samples, std::span<std::byte> bytes) noexcept {
  const size_t count = std::min(samples.size(), bytes.size());
  for (size_t i = 0; i < count; ++i) bytes[i] = std::byte{kUlawOfSample[(samples[i] + 32'768) >> kUlawShift]};
}

void ulaw_decode(std::span<const std::byte> bytes, std::span<int16_t> samples) noexcept {
  const size_t count = std::min(samples.size(), bytes.size());
  for (size_t i = 0; i < count; ++i) samples[i] = kSampleOfUlaw[std::to_integer<size_t>(bytes[i])];
}

void alaw_encode(std::span<const int16_t> samples, std::span<std::byte> bytes) noexcept {
  const size_t count = std::min(samples.size(), bytes.size());
  for (size_t i = 0; i < count; ++i) bytes[i] = std::byte{kAlawOfSample[(samples[i] + 32'768) >> kAlawShift]};
}

void alaw_decode(std::span<const std::byte> bytes, std::span<int16_t> samples) noexcept {
  const size_t count = std::min(samples.size(), bytes.size());
  for (size_t i = 0; i < count; ++i) samples[i] = kSampleOfAlaw[std::to_integer<size_t>(bytes[i])];
}

}  // namespace sotto::audio
