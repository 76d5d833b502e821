#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto::audio {

// Fills gaps in a waveform by repeating its last pitch period, fading out, after the idea of ITU-T
// G.711 appendix I. Allocates when made only. (spandsp's own copies overlapping memory with memcpy.)
class LossConcealer {
 public:
  explicit LossConcealer(uint32_t rate_hz);
  // Every good frame, in order: it is remembered, and after a gap blended with what was made up.
  void accept(std::span<int16_t> samples) noexcept;
  // Where something was lost the fade takes 60 ms; where what comes is only not due yet, a quarter of a
  // second.
  enum class Gap : uint8_t { Lost, NotDue };
  void fill(std::span<int16_t> samples, Gap gap) noexcept;

 private:
  // The newest samples, as many as the search for the period looks at; oldest first.
  const int16_t* history() const noexcept { return history_.data() + history_end_ - history_size_; }
  size_t find_period() const noexcept;
  void start_gap() noexcept;
  int16_t made_up() noexcept;
  void remember(std::span<const int16_t> samples) noexcept;

  // Constant after construction, in samples.
  const size_t period_min_;
  const size_t period_max_;
  const size_t compared_;
  const size_t blend_;
  const size_t fade_begin_;
  const size_t fade_end_lost_;
  const size_t fade_end_not_due_;

  // Grows at its end; when it is full, what still counts moves to the front.
  std::vector<int16_t> history_;
  const size_t history_size_;
  size_t history_end_;
  std::vector<int16_t> period_;  // what is repeated; its first `period_length_` count
  size_t period_length_ = 0;
  size_t gap_ = 0;  // samples made up since the last good one
  size_t fade_end_ = 0;
};

}  // namespace sotto::audio
