#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

// MP3 files in memory, by libmpg123 and LAME. For worker threads: both take milliseconds and allocate.
namespace sotto::audio {

struct Mp3Sound {
  uint32_t sample_rate_hz = 0;
  std::vector<int16_t> samples;  // mono
  bool cut = false;              // the file goes on after `longest`
};

// Invalid for what holds no frame; TooLarge for a file over limits::kPromptFileBytesMax. Sound after
// `longest` is left out.
Result<Mp3Sound> decode_mp3(base::ByteView file, base::Duration longest);

// Makes an MP3 file piece by piece.
class Mp3Encoder {
 public:
  struct Options {
    uint32_t sample_rate_hz = 8'000;  // one that MPEG knows: 8,000 to 48,000
    uint16_t channels = 1;            // 1 or 2
    int bitrate_kbps = 32;
  };
  static Result<Mp3Encoder> create(const Options& options);
  Mp3Encoder(Mp3Encoder&&) noexcept;
  Mp3Encoder& operator=(Mp3Encoder&&) noexcept;
  ~Mp3Encoder();

  // One span a channel, of the same length. Appends what is ready to `out`.
  Result<void> encode(std::span<const std::span<const int16_t>> channels, base::Bytes& out);
  // Appends the rest; the encoder is done.
  Result<void> finish(base::Bytes& out);

 private:
  struct State;
  explicit Mp3Encoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sotto::audio
