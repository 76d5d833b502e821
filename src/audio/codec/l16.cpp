#include "audio/codec/factories.h"
#include "audio/codec/waveform.h"

namespace sotto::audio {
namespace {

// RFC 3551 §4.5.11: signed samples in network byte order.
void l16_encode(std::span<const int16_t> samples, std::span<std::byte> bytes) noexcept {
  for (size_t i = 0; i < samples.size(); ++i) {
    bytes[2 * i] = static_cast<std::byte>(static_cast<uint16_t>(samples[i]) >> 8);
    bytes[2 * i + 1] = static_cast<std::byte>(samples[i]);
  }
}

void l16_decode(std::span<const std::byte> bytes, std::span<int16_t> samples) noexcept {
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto high = std::to_integer<uint16_t>(bytes[2 * i]);
    const auto low = std::to_integer<uint16_t>(bytes[2 * i + 1]);
    samples[i] = static_cast<int16_t>(static_cast<uint16_t>(high << 8 | low));
  }
}

}  // namespace

std::unique_ptr<Encoder> make_l16_narrow_encoder(const CodecSettings& settings) {
  return WaveformEncoder<l16_encode, 2, 8'000>::make(settings);
}

std::unique_ptr<Decoder> make_l16_narrow_decoder(const CodecSettings& settings) {
  return WaveformDecoder<l16_decode, 2, 8'000>::make(settings);
}

std::unique_ptr<Encoder> make_l16_wide_encoder(const CodecSettings& settings) {
  return WaveformEncoder<l16_encode, 2, 16'000>::make(settings);
}

std::unique_ptr<Decoder> make_l16_wide_decoder(const CodecSettings& settings) {
  return WaveformDecoder<l16_decode, 2, 16'000>::make(settings);
}

uint32_t l16_ticks(base::ByteView payload) noexcept {
  return static_cast<uint32_t>(payload.size() / 2);
}

}  // namespace sotto::audio
