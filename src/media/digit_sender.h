#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "audio/tone.h"
#include "base/result.h"
#include "media/media_object.h"
#include "rtp/telephone_event.h"

namespace sotto::media {

// A string of digits and pauses, sent frame by frame: as RFC 4733 events where the far end takes them, else
// as tones in place of the sound.
class DigitSender final : public MediaObject {
 public:
  static constexpr size_t kQueueMax = 64;

  // Digits and pauses alone, at most kQueueMax of them: 0-9 A-D * # w W p in either case.
  static Result<void> check(std::string_view digits);

  // Drops what does not fit: check() was asked before.
  void queue(std::span<const char> digits) noexcept;
  bool idle() const noexcept { return !busy_; }
  // What is queued and not yet begun.
  std::span<const char> waiting() const noexcept { return std::span(script_).subspan(next_, count_ - next_); }

  // Once a frame. True: `packet` or, in band, the frame in `tone` replaces the sound.
  struct Step {
    std::optional<rtp::EventSender::Packet> packet;
    bool tone = false;
    bool finished = false;  // that was the last of all
  };
  Step step_events(uint32_t clock_hz, uint32_t timestamp, uint32_t frame_ticks) noexcept;
  Step step_tones(uint32_t rate_hz, std::span<int16_t> frame) noexcept;

 private:
  // The next digit to send, once pauses before it are over; 0 for none yet.
  char take() noexcept;
  bool finish() noexcept;

  std::array<char, kQueueMax> script_{};
  size_t count_ = 0;
  size_t next_ = 0;
  int pause_frames_ = 0;
  bool busy_ = false;
  std::optional<rtp::EventSender> events_;
  std::optional<audio::ToneGenerator> tone_;
  int tone_frames_ = 0;
};

}  // namespace sotto::media
