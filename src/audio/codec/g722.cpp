#include <spandsp.h>

#include "audio/codec/factories.h"
#include "audio/loss_concealer.h"
#include "base/check.h"

namespace sotto::audio {
namespace {

constexpr int kBitrateBps = 64'000;
constexpr uint32_t kSampleRateHz = 16'000;

struct FreeEncoder {
  void operator()(g722_encode_state_t* state) const noexcept { g722_encode_free(state); }
};
struct FreeDecoder {
  void operator()(g722_decode_state_t* state) const noexcept { g722_decode_free(state); }
};

// Two samples become one byte.
class G722Encoder final : public Encoder {
 public:
  G722Encoder() : state_(g722_encode_init(nullptr, kBitrateBps, 0)) { CHECK(state_ != nullptr); }
  size_t encode(std::span<const int16_t> samples, std::span<std::byte> payload) noexcept override {
    if (samples.empty() || samples.size() % 2 != 0 || samples.size() / 2 > payload.size()) return 0;
    const int bytes = g722_encode(state_.get(), reinterpret_cast<uint8_t*>(payload.data()), samples.data(),
                                  static_cast<int>(samples.size()));
    return static_cast<size_t>(bytes);
  }
  uint32_t sample_rate_hz() const noexcept override { return kSampleRateHz; }

 private:
  std::unique_ptr<g722_encode_state_t, FreeEncoder> state_;
};

class G722Decoder final : public Decoder {
 public:
  G722Decoder() : state_(g722_decode_init(nullptr, kBitrateBps, 0)) { CHECK(state_ != nullptr); }
  size_t decode(base::ByteView payload, std::span<int16_t> samples) noexcept override {
    const size_t bytes = std::min(payload.size(), samples.size() / 2);
    if (bytes == 0) return 0;
    const int count = g722_decode(state_.get(), samples.data(),
                                  reinterpret_cast<const uint8_t*>(payload.data()), static_cast<int>(bytes));
    concealer_.accept(samples.first(static_cast<size_t>(count)));
    return static_cast<size_t>(count);
  }
  void conceal(std::span<int16_t> samples, base::ByteView) noexcept override {
    concealer_.fill(samples, LossConcealer::Gap::Lost);
  }
  void bridge(std::span<int16_t> samples) noexcept override {
    concealer_.fill(samples, LossConcealer::Gap::NotDue);
  }
  uint32_t sample_rate_hz() const noexcept override { return kSampleRateHz; }

 private:
  std::unique_ptr<g722_decode_state_t, FreeDecoder> state_;
  LossConcealer concealer_{kSampleRateHz};
};

bool possible(const CodecSettings& settings) {
  return settings.sample_rate_hz == 0 || settings.sample_rate_hz == kSampleRateHz;
}

}  // namespace

std::unique_ptr<Encoder> make_g722_encoder(const CodecSettings& settings) {
  return possible(settings) ? std::make_unique<G722Encoder>() : nullptr;
}

std::unique_ptr<Decoder> make_g722_decoder(const CodecSettings& settings) {
  return possible(settings) ? std::make_unique<G722Decoder>() : nullptr;
}

// RFC 3551 §4.5.2: the clock runs at 8,000 by an old mistake, so that one byte is one tick.
uint32_t g722_ticks(base::ByteView payload) noexcept {
  return static_cast<uint32_t>(payload.size());
}

}  // namespace sotto::audio
