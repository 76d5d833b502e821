#include "audio/codec/factories.h"
#include "audio/codec/waveform.h"
#include "audio/g711.h"

namespace sotto::audio {

std::unique_ptr<Encoder> make_pcma_encoder(const CodecSettings& settings) {
  return WaveformEncoder<alaw_encode, 1, 8'000>::make(settings);
}

std::unique_ptr<Decoder> make_pcma_decoder(const CodecSettings& settings) {
  return WaveformDecoder<alaw_decode, 1, 8'000>::make(settings);
}

}  // namespace sotto::audio
