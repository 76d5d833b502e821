#pragma once

#include <memory>

#include "audio/codec.h"
#include "audio/loss_concealer.h"

namespace sotto::audio {

// Encoders and decoders of codecs that keep no state of their own: every sample becomes kBytes bytes.
using WaveformEncode = void (*)(std::span<const int16_t>, std::span<std::byte>) noexcept;
using WaveformDecode = void (*)(std::span<const std::byte>, std::span<int16_t>) noexcept;

template <WaveformEncode kEncode, size_t kBytes, uint32_t kRate>
class WaveformEncoder final : public Encoder {
 public:
  static std::unique_ptr<Encoder> make(const CodecSettings& settings) {
    if (settings.sample_rate_hz != 0 && settings.sample_rate_hz != kRate) return nullptr;
    return std::make_unique<WaveformEncoder>();
  }
  size_t encode(std::span<const int16_t> samples, std::span<std::byte> payload) noexcept override {
    const size_t bytes = samples.size() * kBytes;
    if (bytes > payload.size()) return 0;
    kEncode(samples, payload.first(bytes));
    return bytes;
  }
  uint32_t sample_rate_hz() const noexcept override { return kRate; }
};

template <WaveformDecode kDecode, size_t kBytes, uint32_t kRate>
class WaveformDecoder final : public Decoder {
 public:
  static std::unique_ptr<Decoder> make(const CodecSettings& settings) {
    if (settings.sample_rate_hz != 0 && settings.sample_rate_hz != kRate) return nullptr;
    return std::make_unique<WaveformDecoder>();
  }
  size_t decode(base::ByteView payload, std::span<int16_t> samples) noexcept override {
    const size_t count = std::min(payload.size() / kBytes, samples.size());
    const auto out = samples.first(count);
    kDecode(payload.first(count * kBytes), out);
    concealer_.accept(out);
    return count;
  }
  void conceal(std::span<int16_t> samples, base::ByteView) noexcept override {
    concealer_.fill(samples, LossConcealer::Gap::Lost);
  }
  void bridge(std::span<int16_t> samples) noexcept override {
    concealer_.fill(samples, LossConcealer::Gap::NotDue);
  }
  uint32_t sample_rate_hz() const noexcept override { return kRate; }

 private:
  LossConcealer concealer_{kRate};
};

}  // namespace sotto::audio
