#include "audio/level.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sotto::audio {
namespace {

constexpr double kFullScale = 32'768.0;

float to_db(double amplitude) {
  if (amplitude <= 0.0) return kSilenceDb;
  return std::max(kSilenceDb, static_cast<float>(20.0 * std::log10(amplitude / kFullScale)));
}

}  // namespace

float level_db(std::span<const int16_t> samples) noexcept {
  if (samples.empty()) return kSilenceDb;
  int64_t energy = 0;
  for (const int16_t sample : samples) energy += int64_t{sample} * sample;
  const double mean = static_cast<double>(energy) / static_cast<double>(samples.size());
  return to_db(std::sqrt(2.0 * mean));
}

float level_of_magnitude(int32_t magnitude) noexcept {
  return to_db(static_cast<double>(magnitude) * std::numbers::pi / 2.0);
}

float tone_level_db(std::span<const int16_t> samples, uint32_t rate_hz, float hz) noexcept {
  if (samples.size() < 2 || rate_hz == 0) return kSilenceDb;
  constexpr double kTurn = 2.0 * std::numbers::pi;
  const double coefficient = 2.0 * std::cos(kTurn * hz / rate_hz);
  // The window's cosine by recurrence: c(n+1) = 2 cos(step) c(n) - c(n-1).
  const double step = kTurn / static_cast<double>(samples.size());
  const double window_coefficient = 2.0 * std::cos(step);
  double window = std::cos(0.5 * step);
  double window_before = window;  // c(-1/2) = c(1/2): the window is centred on the samples
  double last = 0.0;
  double before_last = 0.0;
  for (const int16_t sample : samples) {
    const double next = (0.5 - 0.5 * window) * sample + coefficient * last - before_last;
    before_last = last;
    last = next;
    const double window_next = window_coefficient * window - window_before;
    window_before = window;
    window = window_next;
  }
  const double power = last * last + before_last * before_last - coefficient * last * before_last;
  // Half of the samples' weight is left by the window, half of a sine's amplitude shows at its positive
  // frequency.
  return to_db(4.0 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(samples.size()));
}

bool has_tone(std::span<const int16_t> samples, uint32_t rate_hz, float hz, float floor_db,
              float range_db) noexcept {
  const float tone = tone_level_db(samples, rate_hz, hz);
  return tone >= floor_db && tone >= level_db(samples) - range_db;
}

}  // namespace sotto::audio
