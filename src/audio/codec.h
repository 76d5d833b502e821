#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

// Codecs turn mono 16-bit frames into RTP payloads and back. One file a codec in audio/codec/, one row in
// codecs.cpp. Encoders and decoders allocate when made, and never afterwards: every other call is fit for a
// media turn.
namespace sotto::audio {

enum class CodecId : uint8_t { Pcmu, Pcma, G722, Opus, L16Narrow, L16Wide };

struct CodecSettings {
  uint32_t sample_rate_hz = 0;  // 0: the codec's own. Opus takes 8,000, 16,000 and 48,000
  int bitrate_bps = 0;          // 0: the codec's default; only Opus has a choice
  bool forward_error_correction = true;
  bool discontinuous = false;  // Opus: send nothing in silence
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  // Encodes one frame and returns the bytes written; 0 means that there is nothing to send for this frame, or
  // that the frame does not fit `payload` or the codec's frame lengths.
  virtual size_t encode(std::span<const int16_t> samples, std::span<std::byte> payload) noexcept = 0;
  // How much later a decoder makes of it what was encoded, in samples.
  virtual size_t delay_samples() const noexcept { return 0; }
  // What the far side reports to lose, 0 to 100: steers forward error correction.
  virtual void expect_loss(int percent) noexcept { static_cast<void>(percent); }
  virtual uint32_t sample_rate_hz() const noexcept = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Decodes one payload and returns the samples written: never more than `samples` holds, 0 for a payload
  // that cannot be.
  virtual size_t decode(base::ByteView payload, std::span<int16_t> samples) noexcept = 0;
  // Fills all of `samples` in place of a lost packet. `next` is the payload of the packet after it where that
  // has come already: Opus finds a copy of the lost one there.
  virtual void conceal(std::span<int16_t> samples, base::ByteView next) noexcept = 0;
  // Fills all of `samples` where nothing is lost, but the next packet is not to be played yet.
  virtual void bridge(std::span<int16_t> samples) noexcept = 0;
  virtual uint32_t sample_rate_hz() const noexcept = 0;
};

struct CodecSpec {
  CodecId id;
  std::string_view name;                // as in a=rtpmap
  std::optional<uint8_t> payload_type;  // where RFC 3551 fixes one
  uint32_t clock_rate_hz;               // of RTP timestamps; G.722 says 8,000 and samples at 16,000
  uint32_t sample_rate_hz;              // of the samples, unless the settings ask otherwise
  uint8_t channels;                     // as in a=rtpmap; samples are mono whatever it says
  std::string_view fmtp;                // what we write in an offer; may be empty
  size_t payload_bytes_max;             // of a 20 ms frame
  // After so many frames of 20 ms a decoder that came into the middle of a stream makes what one that was
  // there from the beginning makes, but for what nobody hears.
  size_t frames_to_settle;
  std::unique_ptr<Encoder> (*make_encoder)(
      const CodecSettings& settings);  // null: the settings are not possible
  std::unique_ptr<Decoder> (*make_decoder)(
      const CodecSettings& settings);  // null: the settings are not possible
  // How long `payload` lasts, in ticks of clock_rate_hz; 0 for one that cannot be.
  uint32_t (*ticks_of)(base::ByteView payload) noexcept;
};

// In our order of preference among equals.
std::span<const CodecSpec> codecs();
const CodecSpec& codec(CodecId id);
// By the name and rate of a=rtpmap, in any case; null for one that we do not have.
const CodecSpec* find_codec(std::string_view name, uint32_t clock_rate_hz);

}  // namespace sotto::audio
