#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "audio/resampler.h"

struct dtmf_rx_state_s;

namespace sotto::audio {

// Finds DTMF digits in sound (spandsp), tones of 40 ms and longer, the two sines within 9 dB of each other.
// Fit for a media turn once made. Sound at other rates than 8,000 Hz is brought down to it first.
class DtmfDetector {
 public:
  explicit DtmfDetector(uint32_t rate_hz);
  DtmfDetector(const DtmfDetector&) = delete;

  void feed(std::span<const int16_t> samples) noexcept;
  // The digits that began, oldest first. The queue holds kQueueMax; what comes on top is dropped.
  std::optional<char> next_digit() noexcept;
  // The digit sounding now, or 0.
  char sounding() const noexcept { return sounding_; }

 private:
  static constexpr size_t kQueueMax = 32;
  struct Free {
    void operator()(dtmf_rx_state_s* state) const noexcept;
  };
  static void on_tone(void* self, int code, int level, int delay) noexcept;
  void feed_narrow(std::span<const int16_t> samples) noexcept;

  std::unique_ptr<dtmf_rx_state_s, Free> state_;
  std::optional<Resampler> resampler_;
  std::array<char, kQueueMax> queue_{};
  size_t queued_ = 0;
  size_t taken_ = 0;
  char sounding_ = 0;
};

}  // namespace sotto::audio
