#include "audio/resampler.h"

#include <speex/speex_resampler.h>

#include "base/check.h"

namespace sotto::audio {
namespace {

constexpr int kQuality = 3;

}  // namespace

Resampler::Resampler(uint32_t from_hz, uint32_t to_hz)
    : state_(speex_resampler_init(1, from_hz, to_hz, kQuality, nullptr)) {
  CHECK(state_ != nullptr);
}

void Resampler::Free::operator()(SpeexResamplerState_* state) const noexcept {
  speex_resampler_destroy(state);
}

Resampler::Step Resampler::run(std::span<const int16_t> in, std::span<int16_t> out) noexcept {
  auto read = static_cast<spx_uint32_t>(in.size());
  auto written = static_cast<spx_uint32_t>(out.size());
  speex_resampler_process_int(state_.get(), 0, in.data(), &read, out.data(), &written);
  return {read, written};
}

size_t Resampler::delay_in() const noexcept {
  return static_cast<size_t>(speex_resampler_get_input_latency(state_.get()));
}

size_t Resampler::delay_out() const noexcept {
  return static_cast<size_t>(speex_resampler_get_output_latency(state_.get()));
}

}  // namespace sotto::audio
