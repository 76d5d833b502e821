#include "audio/tone.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sotto::audio {
namespace {

// ITU-T E.180 Supplement 2, as networks play it. Frequencies of a pair sound together.
struct Country {
  std::string_view code;
  std::array<float, 2> ring_hz;
  std::array<uint32_t, 4> ring_ms;  // on, off, on, off
  std::array<float, 2> busy_hz;
  std::array<uint32_t, 2> busy_ms;
};

constexpr Country kCountries[] = {
    {"us", {440, 480}, {2000, 4000}, {480, 620}, {500, 500}},
    {"ca", {440, 480}, {2000, 4000}, {480, 620}, {500, 500}},
    {"at", {420, 0}, {1000, 5000}, {420, 0}, {400, 400}},
    {"au", {400, 425}, {400, 200, 400, 2000}, {425, 0}, {375, 375}},
    {"be", {425, 0}, {1000, 3000}, {425, 0}, {500, 500}},
    {"br", {425, 0}, {1000, 4000}, {425, 0}, {250, 250}},
    {"ch", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"cn", {450, 0}, {1000, 4000}, {450, 0}, {350, 350}},
    {"cz", {425, 0}, {1000, 4000}, {425, 0}, {330, 330}},
    {"de", {425, 0}, {1000, 4000}, {425, 0}, {480, 480}},
    {"dk", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"es", {425, 0}, {1500, 3000}, {425, 0}, {200, 200}},
    {"fi", {425, 0}, {1000, 4000}, {425, 0}, {300, 300}},
    {"fr", {440, 0}, {1500, 3500}, {440, 0}, {500, 500}},
    {"gb", {400, 450}, {400, 200, 400, 2000}, {400, 0}, {375, 375}},
    {"gr", {425, 0}, {1000, 4000}, {425, 0}, {300, 300}},
    {"hu", {425, 0}, {1250, 3750}, {425, 0}, {300, 300}},
    {"ie", {400, 450}, {400, 200, 400, 2000}, {425, 0}, {500, 500}},
    {"il", {400, 0}, {1000, 3000}, {400, 0}, {500, 500}},
    {"in", {400, 450}, {400, 200, 400, 2000}, {400, 0}, {750, 750}},
    {"it", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"jp", {384, 416}, {1000, 2000}, {400, 0}, {500, 500}},
    {"mx", {425, 0}, {1000, 4000}, {425, 0}, {250, 250}},
    {"nl", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"no", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"nz", {400, 450}, {400, 200, 400, 2000}, {400, 0}, {500, 500}},
    {"pl", {425, 0}, {1000, 4000}, {425, 0}, {500, 500}},
    {"pt", {425, 0}, {1000, 5000}, {425, 0}, {500, 500}},
    {"ro", {425, 0}, {1850, 4150}, {425, 0}, {250, 250}},
    {"se", {425, 0}, {1000, 5000}, {425, 0}, {250, 250}},
    {"sg", {400, 450}, {400, 200, 400, 2000}, {425, 0}, {750, 750}},
    {"za", {400, 450}, {400, 200, 400, 2000}, {400, 0}, {500, 500}},
};

const Country& country_of(std::string_view code) {
  const auto same = [&](const Country& row) {
    return code.size() == 2 && (code[0] | 0x20) == row.code[0] && (code[1] | 0x20) == row.code[1];
  };
  const auto* found = std::ranges::find_if(kCountries, same);
  return found == std::end(kCountries) ? kCountries[0] : *found;
}

constexpr std::string_view kDtmfDigits = "123A456B789C*0#D";
constexpr float kDtmfLowHz[] = {697, 770, 852, 941};
constexpr float kDtmfHighHz[] = {1209, 1336, 1477, 1633};
constexpr float kDtmfLevelDb = -12.0F;

size_t dtmf_index(char digit) {
  if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
  return kDtmfDigits.find(digit);
}

void append(Tone& tone, std::array<float, 2> hz, uint32_t length_ms) {
  if (length_ms != 0) tone.stretches[tone.count++] = {hz, length_ms};
}

}  // namespace

Tone ringback_tone(std::string_view country) {
  const Country& row = country_of(country);
  Tone tone;
  for (size_t i = 0; i < row.ring_ms.size(); ++i) {
    append(tone, i % 2 == 0 ? row.ring_hz : std::array<float, 2>{}, row.ring_ms[i]);
  }
  return tone;
}

Tone busy_tone(std::string_view country) {
  const Country& row = country_of(country);
  Tone tone;
  append(tone, row.busy_hz, row.busy_ms[0]);
  append(tone, {}, row.busy_ms[1]);
  return tone;
}

Tone sine_tone(float hz, float level_db, uint32_t length_ms) {
  constexpr uint32_t kHour = 3'600'000;
  Tone tone{.repeats = length_ms == 0, .level_db = level_db};
  append(tone, {hz, 0}, length_ms == 0 ? kHour : length_ms);
  return tone;
}

Tone beep_tone() {
  return sine_tone(1000.0F, -13.0F, 500);
}

bool is_dtmf_digit(char digit) noexcept {
  return dtmf_index(digit) != std::string_view::npos;
}

Tone dtmf_tone(char digit, uint32_t length_ms) {
  const size_t index = dtmf_index(digit);
  Tone tone{.repeats = false, .level_db = kDtmfLevelDb};
  if (index == std::string_view::npos) return append(tone, {}, length_ms), tone;
  append(tone, {kDtmfLowHz[index / 4], kDtmfHighHz[index % 4]}, length_ms);
  return tone;
}

ToneGenerator::ToneGenerator(const Tone& tone, uint32_t rate_hz) noexcept
    : tone_(tone), rate_hz_(rate_hz), finished_(tone.count == 0) {
  if (!finished_) start_stretch();
}

void ToneGenerator::start_stretch() noexcept {
  const ToneStretch& stretch = tone_.stretches[stretch_];
  left_ = std::max<uint64_t>(uint64_t{stretch.length_ms} * rate_hz_ / 1000, 1);
  const double amplitude = 32'767.0 * std::pow(10.0, tone_.level_db / 20.0);
  for (size_t i = 0; i < oscillators_.size(); ++i) {
    const double step = 2.0 * std::numbers::pi * stretch.hz[i] / rate_hz_;
    // Set so that the first sample is sin(0).
    oscillators_[i] = {2.0 * std::cos(step), -amplitude * std::sin(step), -amplitude * std::sin(2.0 * step)};
  }
}

void ToneGenerator::render(std::span<int16_t> samples) noexcept {
  constexpr double kLowest = std::numeric_limits<int16_t>::min();
  constexpr double kHighest = std::numeric_limits<int16_t>::max();
  for (int16_t& sample : samples) {
    if (finished_) {
      sample = 0;
      continue;
    }
    const double value = oscillators_[0].next() + oscillators_[1].next();
    sample = static_cast<int16_t>(std::lrint(std::clamp(value, kLowest, kHighest)));
    if (--left_ > 0) continue;
    ++stretch_;
    if (stretch_ == tone_.count && !tone_.repeats) {
      finished_ = true;
      continue;
    }
    if (stretch_ == tone_.count) stretch_ = 0;
    start_stretch();
  }
}

}  // namespace sotto::audio
