#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "audio/voice_activity.h"

namespace sotto::audio {

struct MachineRules {
  bool wait_for_message_end = false;  // decide at the beep, or at the end of the greeting
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds speech_threshold{2400};      // who speaks longer is a machine
  std::chrono::milliseconds speech_end_threshold{1200};  // a pause so long ends what is said
  std::chrono::milliseconds silence_timeout{5000};       // of nothing at all
};

// Tells who answered a call, from what he says at first: people say a word and wait, machines go on and beep,
// fax machines whistle. Fit for a media turn.
class MachineDetector {
 public:
  enum class Verdict : uint8_t {
    None,  // not yet
    Human,
    MachineStart,  // a greeting goes on
    MachineEndBeep,
    MachineEndSilence,
    MachineEndOther,  // the time is over while it still speaks
    Fax,
    Unknown,
  };

  MachineDetector(const MachineRules& rules, uint32_t rate_hz) noexcept;

  // Frames of 20 ms. After the first verdict there is no other.
  Verdict feed(std::span<const int16_t> frame) noexcept;
  Verdict feed_silence(std::chrono::milliseconds length) noexcept;
  uint32_t rate_hz() const noexcept { return rate_hz_; }
  std::chrono::milliseconds elapsed() const noexcept { return elapsed_; }

 private:
  using Milliseconds = std::chrono::milliseconds;

  Verdict decide(bool speech, Milliseconds length) noexcept;
  Verdict on_tone() noexcept;
  void note_tone(std::span<const int16_t> frame, Milliseconds length) noexcept;
  bool is_machine() const noexcept { return beeped_ || spoken_for() >= rules_.speech_threshold; }
  Milliseconds spoken_for() const noexcept;

  const MachineRules rules_;
  const uint32_t rate_hz_;
  VoiceActivity activity_;
  Verdict verdict_ = Verdict::None;
  Milliseconds elapsed_{0};
  Milliseconds speech_began_{-1};  // -1: not yet
  Milliseconds speech_last_{0};
  // The tone that is heard now, if any.
  float tone_hz_ = 0;
  float tone_level_ = 0;
  Milliseconds tone_length_{0};
  bool beeped_ = false;
};

}  // namespace sotto::audio
