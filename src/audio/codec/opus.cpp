#include <algorithm>

#include <opus/opus.h>

#include "audio/codec/factories.h"
#include "audio/loss_concealer.h"

namespace sotto::audio {
namespace {

constexpr uint32_t kClockRateHz = 48'000;
constexpr int kComplexity = 5;  // speech gains little above it, and 10 costs twice as much
constexpr int kExpectedLossPercent = 5;

struct FreeEncoder {
  void operator()(OpusEncoder* state) const noexcept { opus_encoder_destroy(state); }
};
struct FreeDecoder {
  void operator()(OpusDecoder* state) const noexcept { opus_decoder_destroy(state); }
};

const unsigned char* data_of(base::ByteView payload) {
  return reinterpret_cast<const unsigned char*>(payload.data());
}

class OpusFrameEncoder final : public Encoder {
 public:
  OpusFrameEncoder(OpusEncoder* state, uint32_t sample_rate_hz)
      : state_(state), sample_rate_hz_(sample_rate_hz) {
    opus_int32 lookahead = 0;
    if (opus_encoder_ctl(state, OPUS_GET_LOOKAHEAD(&lookahead)) == OPUS_OK)
      delay_samples_ = static_cast<size_t>(lookahead);
  }
  size_t encode(std::span<const int16_t> samples, std::span<std::byte> payload) noexcept override {
    if (samples.empty() || payload.empty()) return 0;
    const int bytes = opus_encode(state_.get(), samples.data(), static_cast<int>(samples.size()),
                                  reinterpret_cast<unsigned char*>(payload.data()),
                                  static_cast<opus_int32>(payload.size()));
    // One byte or two is the codec's sign that DTX has nothing to send.
    return bytes > 2 ? static_cast<size_t>(bytes) : 0;
  }
  size_t delay_samples() const noexcept override { return delay_samples_; }
  void expect_loss(int percent) noexcept override {
    opus_encoder_ctl(state_.get(), OPUS_SET_PACKET_LOSS_PERC(std::clamp(percent, 0, 100)));
  }
  uint32_t sample_rate_hz() const noexcept override { return sample_rate_hz_; }

 private:
  std::unique_ptr<OpusEncoder, FreeEncoder> state_;
  const uint32_t sample_rate_hz_;
  size_t delay_samples_ = 0;
};

class OpusFrameDecoder final : public Decoder {
 public:
  OpusFrameDecoder(OpusDecoder* state, uint32_t sample_rate_hz)
      : state_(state), sample_rate_hz_(sample_rate_hz), concealer_(sample_rate_hz) {}
  size_t decode(base::ByteView payload, std::span<int16_t> samples) noexcept override {
    if (payload.empty() || samples.empty()) return 0;
    const int count = opus_decode(state_.get(), data_of(payload), static_cast<opus_int32>(payload.size()),
                                  samples.data(), static_cast<int>(samples.size()), 0);
    if (count <= 0) return 0;
    concealer_.accept(samples.first(static_cast<size_t>(count)));
    return static_cast<size_t>(count);
  }
  void conceal(std::span<int16_t> samples, base::ByteView next) noexcept override {
    const int asked = static_cast<int>(samples.size());
    int count = 0;
    if (!next.empty()) {
      count = opus_decode(state_.get(), data_of(next), static_cast<opus_int32>(next.size()), samples.data(),
                          asked, 1);
    }
    if (count <= 0) count = opus_decode(state_.get(), nullptr, 0, samples.data(), asked, 0);
    std::ranges::fill(samples.subspan(static_cast<size_t>(std::clamp(count, 0, asked))), int16_t{0});
  }
  // Not as the codec makes up for a loss: that dies away within a frame where the voice is taken for a noise.
  void bridge(std::span<int16_t> samples) noexcept override {
    concealer_.fill(samples, LossConcealer::Gap::NotDue);
  }
  uint32_t sample_rate_hz() const noexcept override { return sample_rate_hz_; }

 private:
  std::unique_ptr<OpusDecoder, FreeDecoder> state_;
  const uint32_t sample_rate_hz_;
  LossConcealer concealer_;
};

uint32_t rate_of(const CodecSettings& settings) {
  return settings.sample_rate_hz == 0 ? kClockRateHz : settings.sample_rate_hz;
}

}  // namespace

std::unique_ptr<Encoder> make_opus_encoder(const CodecSettings& settings) {
  int error = OPUS_OK;
  OpusEncoder* state =
      opus_encoder_create(static_cast<opus_int32>(rate_of(settings)), 1, OPUS_APPLICATION_VOIP, &error);
  if (error != OPUS_OK) return nullptr;
  opus_encoder_ctl(state, OPUS_SET_COMPLEXITY(kComplexity));
  opus_encoder_ctl(state, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  opus_encoder_ctl(state, OPUS_SET_INBAND_FEC(settings.forward_error_correction ? 1 : 0));
  opus_encoder_ctl(state,
                   OPUS_SET_PACKET_LOSS_PERC(settings.forward_error_correction ? kExpectedLossPercent : 0));
  opus_encoder_ctl(state, OPUS_SET_DTX(settings.discontinuous ? 1 : 0));
  if (settings.bitrate_bps > 0) opus_encoder_ctl(state, OPUS_SET_BITRATE(settings.bitrate_bps));
  return std::make_unique<OpusFrameEncoder>(state, rate_of(settings));
}

std::unique_ptr<Decoder> make_opus_decoder(const CodecSettings& settings) {
  int error = OPUS_OK;
  OpusDecoder* state = opus_decoder_create(static_cast<opus_int32>(rate_of(settings)), 1, &error);
  if (error != OPUS_OK) return nullptr;
  return std::make_unique<OpusFrameDecoder>(state, rate_of(settings));
}

uint32_t opus_ticks(base::ByteView payload) noexcept {
  if (payload.empty()) return 0;
  const int ticks =
      opus_packet_get_nb_samples(data_of(payload), static_cast<opus_int32>(payload.size()), kClockRateHz);
  return ticks > 0 ? static_cast<uint32_t>(ticks) : 0;
}

}  // namespace sotto::audio
