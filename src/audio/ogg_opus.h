#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

// Opus in an Ogg file (RFC 7845, RFC 3533), by libopus. For worker threads: it allocates.
namespace sotto::audio {

// Makes an Ogg file piece by piece. What was made of it so far plays as it is.
class OggOpusEncoder {
 public:
  struct Options {
    uint32_t sample_rate_hz = 16'000;  // one that Opus knows: 8,000, 12,000, 16,000, 24,000 or 48,000
    uint16_t channels = 1;             // 1 or 2
    int bitrate_kbps = 24;
  };
  static Result<OggOpusEncoder> create(const Options& options);
  OggOpusEncoder(OggOpusEncoder&&) noexcept;
  OggOpusEncoder& operator=(OggOpusEncoder&&) noexcept;
  ~OggOpusEncoder();

  // One span a channel, of the same length. Appends the pages that are full to `out`.
  Result<void> encode(std::span<const std::span<const int16_t>> channels, base::Bytes& out);
  // Appends the rest; the encoder is done.
  Result<void> finish(base::Bytes& out);

 private:
  struct State;
  explicit OggOpusEncoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Of RFC 3533: polynomial 04C11DB7, from zero, not reflected.
uint32_t ogg_checksum(base::ByteView page);

}  // namespace sotto::audio
