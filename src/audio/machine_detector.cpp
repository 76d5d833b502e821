#include "audio/machine_detector.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sotto::audio {
namespace {

using namespace std::chrono_literals;

constexpr float kToneResidueMax = 0.06F;  // of its energy that a sine does not explain
constexpr float kToneLevelMin = 60.0F;    // mean square root of samples
constexpr float kToneHzMin = 350.0F;
constexpr float kToneHzMax = 2600.0F;
constexpr float kToneDrift = 25.0F;  // from frame to frame
constexpr float kToneSwell = 1.25F;  // as much louder or softer, as a beep is not while it lasts
constexpr auto kBeepMin = 120ms;
constexpr auto kFaxMin = 380ms;  // CNG lasts half a second, CED three
constexpr float kCallingHz = 1100.0F;
constexpr float kAnswerHz = 2100.0F;
constexpr float kFaxDrift = 40.0F;

struct Sine {
  float hz = 0;
  float residue = 1;
  float level = 0;  // root mean square
};

// The sine nearest to the frame: it satisfies x(n) + x(n-2) = 2 cos(w) x(n-1), and what is left over says how
// much else there is.
Sine nearest_sine(std::span<const int16_t> frame, uint32_t rate_hz) noexcept {
  float cross = 0;
  float middle = 0;
  float sum_energy = 0;
  for (size_t i = 2; i < frame.size(); ++i) {
    const auto sum = static_cast<float>(frame[i]) + static_cast<float>(frame[i - 2]);
    const auto between = static_cast<float>(frame[i - 1]);
    cross += sum * between;
    middle += between * between;
    sum_energy += sum * sum;
  }
  const float least = kToneLevelMin * kToneLevelMin * static_cast<float>(frame.size());
  if (middle < least) return {};
  const float twice_cosine = std::clamp(cross / middle, -2.0F, 2.0F);
  const float residue = std::max(0.0F, sum_energy - cross * twice_cosine) / middle;
  const float angle = std::acos(twice_cosine / 2.0F);
  return {.hz = angle * static_cast<float>(rate_hz) / (2.0F * std::numbers::pi_v<float>),
          .residue = residue,
          .level = std::sqrt(middle / static_cast<float>(frame.size()))};
}

bool near(float hz, float wanted) noexcept {
  return std::abs(hz - wanted) <= kFaxDrift;
}

}  // namespace

MachineDetector::MachineDetector(const MachineRules& rules, uint32_t rate_hz) noexcept
    : rules_(rules), rate_hz_(rate_hz), activity_(rate_hz) {}

MachineDetector::Milliseconds MachineDetector::spoken_for() const noexcept {
  return speech_began_ < 0ms ? 0ms : speech_last_ - speech_began_;
}

MachineDetector::Verdict MachineDetector::feed(std::span<const int16_t> frame) noexcept {
  if (verdict_ != Verdict::None || frame.empty()) return Verdict::None;
  const Milliseconds length(frame.size() * 1000 / rate_hz_);
  const Milliseconds tone_before = tone_length_;
  note_tone(frame, length);
  const bool speech = activity_.feed(frame) && tone_length_ == 0ms;
  // A beep is over when it is over: what is said to the machine must not begin within it.
  if (tone_before >= kBeepMin && tone_length_ < tone_before && speech_began_ >= 0ms) beeped_ = true;
  return decide(speech, length);
}

MachineDetector::Verdict MachineDetector::feed_silence(std::chrono::milliseconds length) noexcept {
  if (verdict_ != Verdict::None) return Verdict::None;
  if (tone_length_ >= kBeepMin && speech_began_ >= 0ms) beeped_ = true;
  tone_length_ = 0ms;
  return decide(false, length);
}

void MachineDetector::note_tone(std::span<const int16_t> frame, Milliseconds length) noexcept {
  const Sine sine = nearest_sine(frame, rate_hz_);
  const bool pure = sine.residue <= kToneResidueMax && sine.hz >= kToneHzMin && sine.hz <= kToneHzMax;
  const bool same = tone_length_ > 0ms && std::abs(sine.hz - tone_hz_) <= kToneDrift &&
                    std::max(sine.level, tone_level_) <= kToneSwell * std::min(sine.level, tone_level_);
  tone_length_ = !pure ? 0ms : same ? tone_length_ + length : length;
  tone_hz_ = sine.hz;
  tone_level_ = sine.level;
}

MachineDetector::Verdict MachineDetector::on_tone() noexcept {
  const bool fax = tone_length_ >= kFaxMin && (near(tone_hz_, kCallingHz) || near(tone_hz_, kAnswerHz));
  if (fax && speech_began_ < 0ms) return Verdict::Fax;
  if (!beeped_) return Verdict::None;
  return rules_.wait_for_message_end ? Verdict::MachineEndBeep : Verdict::MachineStart;
}

MachineDetector::Verdict MachineDetector::decide(bool speech, Milliseconds length) noexcept {
  elapsed_ += length;
  if (speech) {
    if (speech_began_ < 0ms) speech_began_ = elapsed_ - length;
    speech_last_ = elapsed_;
  }
  verdict_ = on_tone();
  if (verdict_ != Verdict::None) return verdict_;
  const bool spoke = speech_began_ >= 0ms;
  // A tone under way may be the beep.
  const bool said_all =
      spoke && tone_length_ == 0ms && elapsed_ - speech_last_ >= rules_.speech_end_threshold;
  if (is_machine() && !rules_.wait_for_message_end) {
    verdict_ = Verdict::MachineStart;
  } else if (is_machine() && said_all) {
    verdict_ = Verdict::MachineEndSilence;
  } else if (said_all) {
    verdict_ = Verdict::Human;
  } else if (!spoke && tone_length_ == 0ms && elapsed_ >= rules_.silence_timeout) {
    verdict_ = Verdict::Unknown;
  } else if (elapsed_ >= rules_.timeout) {
    verdict_ = is_machine() ? Verdict::MachineEndOther : Verdict::Unknown;
  }
  return verdict_;
}

}  // namespace sotto::audio
