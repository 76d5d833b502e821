#include "media/digit_sender.h"

#include <algorithm>
#include <chrono>

namespace sotto::media {
namespace {

using namespace std::chrono_literals;
constexpr auto kDigitLength = 120ms;
constexpr auto kDigitGap = 80ms;
constexpr int kDigitFrames = 6;
constexpr int kGapFrames = 4;

// Pauses in frames of 20 ms; 0 for what is none.
int pause_of(char character) noexcept {
  switch (character) {
    case 'w':
    case 'p':
    case 'P': return 25;
    case 'W': return 50;
    default: return 0;
  }
}

}  // namespace

Result<void> DigitSender::check(std::string_view digits) {
  if (digits.size() > kQueueMax) return fail(ErrorCode::TooLarge, "more than 64 digits at once");
  for (const char c : digits) {
    if (pause_of(c) == 0 && !rtp::event_of_digit(c)) {
      return fail(ErrorCode::Invalid, std::string("not a digit or a pause: '") + c + "'");
    }
  }
  return {};
}

void DigitSender::queue(std::span<const char> digits) noexcept {
  std::copy(script_.begin() + static_cast<ptrdiff_t>(next_), script_.begin() + static_cast<ptrdiff_t>(count_),
            script_.begin());
  count_ -= next_;
  next_ = 0;
  const size_t fits = std::min(digits.size(), kQueueMax - count_);
  std::copy_n(digits.begin(), fits, script_.begin() + static_cast<ptrdiff_t>(count_));
  count_ += fits;
  busy_ = busy_ || fits > 0;
}

char DigitSender::take() noexcept {
  if (pause_frames_ > 0 && --pause_frames_ > 0) return 0;
  if (next_ == count_) return 0;
  const char c = script_[next_++];
  pause_frames_ = pause_of(c);
  return pause_frames_ > 0 ? '\0' : c;
}

bool DigitSender::finish() noexcept {
  if (next_ < count_ || pause_frames_ > 0) return false;
  busy_ = false;
  return true;
}

DigitSender::Step DigitSender::step_events(uint32_t clock_hz, uint32_t timestamp,
                                           uint32_t frame_ticks) noexcept {
  if (!busy_) return {};
  if (!events_) events_.emplace(clock_hz);
  if (events_->idle()) {
    const char digit = take();
    if (digit != 0) events_->queue(*rtp::event_of_digit(digit), kDigitLength, kDigitGap);
  }
  Step step;
  step.packet = events_->step(timestamp, frame_ticks);
  step.finished = events_->idle() && finish();
  return step;
}

DigitSender::Step DigitSender::step_tones(uint32_t rate_hz, std::span<int16_t> frame) noexcept {
  if (!busy_) return {};
  if (tone_frames_ == 0) {
    const char digit = take();
    if (digit != 0) {
      tone_.emplace(audio::dtmf_tone(digit, kDigitFrames * 20), rate_hz);
      tone_frames_ = kDigitFrames + kGapFrames;
    }
  }
  Step step;
  if (tone_frames_ > 0) {
    --tone_frames_;
    tone_->render(frame);
    step.tone = true;
  }
  step.finished = tone_frames_ == 0 && finish();
  return step;
}

}  // namespace sotto::media
