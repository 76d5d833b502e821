#include "audio/voice_activity.h"

#include <algorithm>

#include "audio/level.h"

namespace sotto::audio {
namespace {

constexpr float kAboveBackgroundDb = 9.0F;
constexpr float kSpeechMinDb = -50.0F;
constexpr float kBackgroundMinDb = -80.0F;
constexpr float kBackgroundMaxDb = -35.0F;
constexpr float kFallPerSecondDb = 60.0F;
constexpr float kRisePerSecondDb = 3.0F;
constexpr uint64_t kPauseMs = 200;

}  // namespace

bool VoiceActivity::feed(std::span<const int16_t> samples) noexcept {
  if (samples.empty()) return active_;
  level_db_ = audio::level_db(samples);
  const float seconds = static_cast<float>(samples.size()) / static_cast<float>(rate_hz_);
  // The background falls fast to quieter sound and rises slowly to louder.
  const float step =
      std::clamp(level_db_ - background_db_, -kFallPerSecondDb * seconds, kRisePerSecondDb * seconds);
  background_db_ = std::clamp(background_db_ + step, kBackgroundMinDb, kBackgroundMaxDb);
  const bool loud = level_db_ > std::max(kSpeechMinDb, background_db_ + kAboveBackgroundDb);
  quiet_samples_ = loud ? 0 : quiet_samples_ + samples.size();
  samples_since_change_ += samples.size();
  const bool paused = quiet_samples_ * 1000 >= kPauseMs * rate_hz_;
  if (loud == active_ || (active_ && !paused)) return active_;
  active_ = loud;
  samples_since_change_ = samples.size();
  return active_;
}

base::Duration VoiceActivity::since_change() const noexcept {
  return std::chrono::nanoseconds(samples_since_change_ * 1'000'000'000 / rate_hz_);
}

}  // namespace sotto::audio
