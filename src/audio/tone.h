#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sotto::audio {

// One stretch of a tone: up to two sines together, or silence where both are 0.
struct ToneStretch {
  std::array<float, 2> hz{};
  uint32_t length_ms = 0;
};

// A cadence: its stretches in order, then again from the first, or silence for ever where it does not repeat.
struct Tone {
  static constexpr size_t kStretchesMax = 6;

  std::array<ToneStretch, kStretchesMax> stretches{};
  size_t count = 0;
  bool repeats = true;
  float level_db = -19.0F;  // of each sine, to full scale
};

// What a country's network plays; `country` is an ISO 3166 code in either case, an unknown one counts as
// "us".
Tone ringback_tone(std::string_view country);
Tone busy_tone(std::string_view country);

// A steady sine; without a length it never ends.
Tone sine_tone(float hz, float level_db, uint32_t length_ms = 0);
Tone beep_tone();                                      // before a recording: 1 kHz for half a second
Tone dtmf_tone(char digit, uint32_t length_ms = 100);  // 0-9 * # A-D; silence for any other
bool is_dtmf_digit(char digit) noexcept;

// Plays a tone at one sample rate. Fit for a media turn once made.
class ToneGenerator {
 public:
  ToneGenerator(const Tone& tone, uint32_t rate_hz) noexcept;
  void render(std::span<int16_t> samples) noexcept;
  bool finished() const noexcept { return finished_; }

 private:
  // A sine by recurrence: s(n+1) = 2 cos(w) s(n) - s(n-1).
  struct Oscillator {
    double coefficient = 0.0;
    double last = 0.0;
    double before_last = 0.0;
    double next() noexcept {
      const double value = coefficient * last - before_last;
      before_last = last;
      last = value;
      return value;
    }
  };
  void start_stretch() noexcept;

  const Tone tone_;
  const uint32_t rate_hz_;
  std::array<Oscillator, 2> oscillators_{};
  size_t stretch_ = 0;
  uint64_t left_ = 0;  // samples of the present stretch
  bool finished_ = false;
};

}  // namespace sotto::audio
