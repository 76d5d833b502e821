#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"

namespace sotto::audio {

// Tells speech from background by level: louder than the background it has learned by 9 dB, and louder than
// -50 dB. Short pauses between words count as speech. Fit for a media turn.
class VoiceActivity {
 public:
  explicit VoiceActivity(uint32_t rate_hz) noexcept : rate_hz_(rate_hz) {}

  // Returns whether there is speech now. Frames of 10 to 60 ms.
  bool feed(std::span<const int16_t> samples) noexcept;
  bool active() const noexcept { return active_; }
  float level_db() const noexcept { return level_db_; }
  // How long it has been as it is: speech, or silence.
  base::Duration since_change() const noexcept;

 private:
  const uint32_t rate_hz_;
  bool active_ = false;
  float level_db_ = -120.0F;
  float background_db_ = -60.0F;
  uint64_t samples_since_change_ = 0;
  uint64_t quiet_samples_ = 0;
};

}  // namespace sotto::audio
