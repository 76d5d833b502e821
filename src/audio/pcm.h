#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace sotto::audio {

// Decoded mono sound, whole in memory. Immutable once shared: the media thread reads it while others keep it
// cached.
struct Pcm {
  uint32_t rate_hz = 8000;
  std::vector<int16_t> samples;

  std::chrono::milliseconds length() const {
    return std::chrono::milliseconds(samples.size() * 1000 / std::max<uint32_t>(rate_hz, 1));
  }
};
using SharedPcm = std::shared_ptr<const Pcm>;

}  // namespace sotto::audio
