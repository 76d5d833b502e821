#include "audio/codec/factories.h"
#include "audio/codec/waveform.h"
#include "audio/g711.h"

namespace sotto::audio {

std::unique_ptr<Encoder> make_pcmu_encoder(const CodecSettings& settings) {
  return WaveformEncoder<ulaw_encode, 1, 8'000>::make(settings);
}

std::unique_ptr<Decoder> make_pcmu_decoder(const CodecSettings& settings) {
  return WaveformDecoder<ulaw_decode, 1, 8'000>::make(settings);
}

uint32_t g711_ticks(base::ByteView payload) noexcept {
  return static_cast<uint32_t>(payload.size());
}

}  // namespace sotto::audio
