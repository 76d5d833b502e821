#include "audio/wav.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "audio/g711.h"
#include "base/limits.h"

namespace sotto::audio {
namespace {

constexpr uint16_t kTagPcm = 1;
constexpr uint16_t kTagAlaw = 6;
constexpr uint16_t kTagUlaw = 7;
constexpr uint16_t kTagExtensible = 0xFFFE;
constexpr uint32_t kRateMax = 192'000;

uint32_t little(base::ByteView bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<uint32_t>(bytes[i]);
  return value;
}

size_t bytes_of(WavEncoding encoding) {
  return encoding == WavEncoding::Pcm16 ? 2 : 1;
}

Result<WavFormat> parse_format(base::ByteView chunk) {
  if (chunk.size() < 16) return fail(ErrorCode::Invalid, "wav: format chunk is too short");
  uint32_t tag = little(chunk.subspan(0, 2));
  // WAVE_FORMAT_EXTENSIBLE: the tag is the first two bytes of the GUID.
  if (tag == kTagExtensible && chunk.size() >= 26) tag = little(chunk.subspan(24, 2));
  const uint32_t bits = little(chunk.subspan(14, 2));
  WavFormat format;
  format.channels = static_cast<uint16_t>(little(chunk.subspan(2, 2)));
  format.sample_rate_hz = little(chunk.subspan(4, 4));
  const bool possible = (tag == kTagPcm && bits == 16) || ((tag == kTagAlaw || tag == kTagUlaw) && bits == 8);
  if (!possible) return fail(ErrorCode::Unsupported, "wav: encoding is not 16-bit PCM, A-law or u-law");
  if (tag == kTagAlaw) format.encoding = WavEncoding::Alaw;
  if (tag == kTagUlaw) format.encoding = WavEncoding::Ulaw;
  if (format.channels == 0 || format.channels > base::limits::kRecordingChannelsMax) {
    return fail(ErrorCode::OutOfRange, "wav: number of channels");
  }
  if (format.sample_rate_hz < 8'000 || format.sample_rate_hz > kRateMax) {
    return fail(ErrorCode::OutOfRange, "wav: sample rate");
  }
  return format;
}

}  // namespace

Result<WavReader> WavReader::create(base::ByteView file) {
  if (file.size() < 12 || base::as_text(file.first(4)) != "RIFF" ||
      base::as_text(file.subspan(8, 4)) != "WAVE") {
    return fail(ErrorCode::Invalid, "wav: not a RIFF/WAVE file");
  }
  WavReader reader;
  bool has_format = false;
  for (base::ByteView left = file.subspan(12); left.size() >= 8;) {
    const std::string_view name = base::as_text(left.first(4));
    const size_t claimed = little(left.subspan(4, 4));
    const base::ByteView chunk = left.subspan(8, std::min<size_t>(claimed, left.size() - 8));
    if (name == "fmt ") {
      const auto format = parse_format(chunk);
      if (!format) return fail(format.error());
      reader.format_ = *format;
      has_format = true;
    }
    if (name == "data" && has_format) {
      // An interrupted recording says 0: its sound goes to the end.
      reader.data_ = claimed == 0 ? left.subspan(8) : chunk;
      return reader;
    }
    left = left.subspan(std::min(8 + chunk.size() + chunk.size() % 2, left.size()));
  }
  return fail(ErrorCode::Invalid, "wav: no format or no data chunk");
}

uint64_t WavReader::frames() const noexcept {
  return data_.size() / (bytes_of(format_.encoding) * format_.channels);
}

int16_t WavReader::sample_at(uint64_t frame, uint16_t channel) const noexcept {
  const size_t size = bytes_of(format_.encoding);
  const base::ByteView bytes = data_.subspan((frame * format_.channels + channel) * size, size);
  int16_t sample = 0;
  switch (format_.encoding) {
    case WavEncoding::Pcm16: return static_cast<int16_t>(little(bytes));
    case WavEncoding::Alaw: alaw_decode(bytes, {&sample, 1}); return sample;
    case WavEncoding::Ulaw: ulaw_decode(bytes, {&sample, 1}); return sample;
  }
  return sample;
}

size_t WavReader::read(uint64_t frame, uint16_t channel, std::span<int16_t> samples) const noexcept {
  if (channel >= format_.channels || frame >= frames()) return 0;
  const size_t count = std::min<uint64_t>(samples.size(), frames() - frame);
  for (size_t i = 0; i < count; ++i) samples[i] = sample_at(frame + i, channel);
  return count;
}

size_t WavReader::read_mixed(uint64_t frame, std::span<int16_t> samples) const noexcept {
  if (frame >= frames()) return 0;
  const size_t count = std::min<uint64_t>(samples.size(), frames() - frame);
  for (size_t i = 0; i < count; ++i) {
    int32_t sum = 0;
    for (uint16_t channel = 0; channel < format_.channels; ++channel) sum += sample_at(frame + i, channel);
    samples[i] = static_cast<int16_t>(sum / format_.channels);
  }
  return count;
}

std::array<std::byte, kWavHeaderBytes> wav_header(const WavFormat& format, uint64_t data_bytes) {
  constexpr uint64_t kDataMax = std::numeric_limits<uint32_t>::max() - kWavHeaderBytes;
  const auto data = static_cast<uint32_t>(std::min(data_bytes, kDataMax));
  const auto sample_bytes = static_cast<uint16_t>(bytes_of(format.encoding));
  const auto frame_bytes = static_cast<uint16_t>(sample_bytes * format.channels);
  const uint16_t tags[] = {kTagPcm, kTagAlaw, kTagUlaw};
  std::array<std::byte, kWavHeaderBytes> header{};
  base::ByteWriter writer(header);
  const auto put = [&](uint32_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) writer.u8(static_cast<uint8_t>(value >> (8 * i)));
  };
  writer.put(base::as_bytes("RIFF"));
  put(data + static_cast<uint32_t>(kWavHeaderBytes) - 8, 4);
  writer.put(base::as_bytes("WAVEfmt "));
  put(16, 4);
  put(tags[static_cast<size_t>(format.encoding)], 2);
  put(format.channels, 2);
  put(format.sample_rate_hz, 4);
  put(format.sample_rate_hz * frame_bytes, 4);
  put(frame_bytes, 2);
  put(sample_bytes * 8U, 2);
  writer.put(base::as_bytes("data"));
  put(data, 4);
  return header;
}

void write_wav_frames(std::span<const std::span<const int16_t>> channels, std::vector<std::byte>& out) {
  out.clear();
  if (channels.empty()) return;
  const size_t frames = std::ranges::min(channels, {}, &std::span<const int16_t>::size).size();
  out.reserve(frames * channels.size() * 2);
  for (size_t i = 0; i < frames; ++i) {
    for (const std::span<const int16_t> channel : channels) {
      out.push_back(static_cast<std::byte>(channel[i]));
      out.push_back(static_cast<std::byte>(static_cast<uint16_t>(channel[i]) >> 8));
    }
  }
}

}  // namespace sotto::audio
