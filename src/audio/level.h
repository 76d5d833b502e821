#pragma once

#include <cstdint>
#include <span>

// Measures sound. Levels are in dB below full scale: a sine that just touches it has 0, silence kSilenceDb.
namespace sotto::audio {

inline constexpr float kSilenceDb = -120.0F;

// All of the sound. A sine at full scale has 0 dB.
float level_db(std::span<const int16_t> samples) noexcept;

// Of a sine with that mean_magnitude() (audio/mix.h); kSilenceDb at the least.
float level_of_magnitude(int32_t magnitude) noexcept;

// What of it lies at `hz`, by Goertzel under a Hann window: over 100 ms, a tone 40 Hz away counts 30 dB less
// or lower.
float tone_level_db(std::span<const int16_t> samples, uint32_t rate_hz, float hz) noexcept;

// Says whether a tone is there: within `range_db` of all of the sound, and above `floor_db`.
bool has_tone(std::span<const int16_t> samples, uint32_t rate_hz, float hz, float floor_db = -45.0F,
              float range_db = 25.0F) noexcept;

}  // namespace sotto::audio
