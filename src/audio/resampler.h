#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct SpeexResamplerState_;

namespace sotto::audio {

// Changes the sample rate of one mono stream (speexdsp, quality 3). Fit for a media turn once made. Rates are
// 8,000 to 192,000 Hz. Frames of whole milliseconds come out whole, after the filter's few silent samples at
// the start.
class Resampler {
 public:
  Resampler(uint32_t from_hz, uint32_t to_hz);

  struct Step {
    size_t read = 0;
    size_t written = 0;
  };
  // Reads as much of `in` as fits `out`.
  Step run(std::span<const int16_t> in, std::span<int16_t> out) noexcept;
  // How much later what it reads comes out, in samples of either side.
  size_t delay_in() const noexcept;
  size_t delay_out() const noexcept;

 private:
  struct Free {
    void operator()(SpeexResamplerState_* state) const noexcept;
  };
  std::unique_ptr<SpeexResamplerState_, Free> state_;
};

}  // namespace sotto::audio
