#include <array>
#include <cstddef>
#include <cstdint>

#include "audio/codec.h"
#include "base/check.h"

// The first byte names the codec; then payloads, each behind a byte of its length. 0 is a lost packet.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace audio = sotto::audio;
  sotto::base::ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
  const auto specs = audio::codecs();
  const audio::CodecSpec& spec = specs[reader.u8() % specs.size()];
  const auto decoder = spec.make_decoder({});
  std::array<int16_t, 5'760> samples;
  while (reader.left() > 0) {
    const size_t bytes = std::min<size_t>(reader.u8(), reader.left());
    const auto payload = reader.take(bytes);
    static_cast<void>(spec.ticks_of(payload));
    if (payload.empty()) {
      decoder->conceal(std::span(samples).first(spec.sample_rate_hz / 50), {});
      continue;
    }
    CHECK(decoder->decode(payload, samples) <= samples.size());
  }
  return 0;
}
