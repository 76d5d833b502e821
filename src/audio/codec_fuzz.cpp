#include <array>
#include <cstddef>
#include <cstdint>

#include "audio/codec.h"
#include "base/check.h"

// The first byte names the codec and its rate; then payloads, each behind a byte of its length. Length 0 is a
// lost packet; kLostBefore is one before the payload that follows, which may hold a copy of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace audio = sotto::audio;
  constexpr uint32_t kRates[] = {0, 8'000, 16'000, 48'000};
  constexpr uint8_t kLostBefore = 255;
  sotto::base::ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
  const auto specs = audio::codecs();
  const size_t choice = reader.u8();
  const audio::CodecSpec& spec = specs[choice % specs.size()];
  const auto decoder =
      spec.make_decoder({.sample_rate_hz = kRates[choice / specs.size() % std::size(kRates)]});
  if (decoder == nullptr) return 0;
  std::array<int16_t, 5'760> samples;
  const auto frame = std::span(samples).first(decoder->sample_rate_hz() / 50);
  while (reader.left() > 0) {
    const uint8_t length = reader.u8();
    const bool lost_before = length == kLostBefore;
    const size_t bytes = lost_before ? reader.u8() : length;
    const auto payload = reader.take(std::min(bytes, reader.left()));
    static_cast<void>(spec.ticks_of(payload));
    if (payload.empty() || lost_before) decoder->conceal(frame, payload);
    if (!payload.empty()) CHECK(decoder->decode(payload, samples) <= samples.size());
  }
  return 0;
}
