#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// RIFF/WAVE files in memory: 16-bit PCM, µ-law and A-law, with any number of channels up to
// limits::kRecordingChannelsMax.
namespace sotto::audio {

enum class WavEncoding : uint8_t { Pcm16, Alaw, Ulaw };

struct WavFormat {
  WavEncoding encoding = WavEncoding::Pcm16;
  uint32_t sample_rate_hz = 8'000;
  uint16_t channels = 1;
  bool operator==(const WavFormat&) const = default;
};

// A file's sound, read where it lies: the bytes outlive the reader. A data chunk that claims more than there
// is, as an interrupted recording's does, ends with the bytes.
class WavReader {
 public:
  // Invalid for what is no such file, Unsupported for another encoding.
  static Result<WavReader> create(base::ByteView file);

  const WavFormat& format() const noexcept { return format_; }
  uint64_t frames() const noexcept;  // samples of one channel
  // Reads one channel from `frame` on and returns the samples written: fewer at the end. Fit for a media
  // turn.
  size_t read(uint64_t frame, uint16_t channel, std::span<int16_t> samples) const noexcept;
  // All channels in one, each with an equal share. Fit for a media turn.
  size_t read_mixed(uint64_t frame, std::span<int16_t> samples) const noexcept;

 private:
  int16_t sample_at(uint64_t frame, uint16_t channel) const noexcept;

  WavFormat format_;
  base::ByteView data_;
};

inline constexpr size_t kWavHeaderBytes = 44;

// The head of a file with `data_bytes` of sound, cut at the format's 4 GiB. Written again over the first
// bytes when the length is known: at the end, or by whoever salvages an interrupted file from its size.
std::array<std::byte, kWavHeaderBytes> wav_header(const WavFormat& format, uint64_t data_bytes);

// Puts 16-bit samples into the bytes of a data chunk: `channels` of the same length, interleaved. `out` is
// cleared first and keeps its room.
void write_wav_frames(std::span<const std::span<const int16_t>> channels, std::vector<std::byte>& out);

}  // namespace sotto::audio
