#include "audio/loss_concealer.h"

#include <algorithm>
#include <cmath>

namespace sotto::audio {
namespace {

constexpr size_t kHistoryRoom = 2;
constexpr size_t kCoarseRateHz = 4'000;  // of the pitch search; it need not hear more

}  // namespace

LossConcealer::LossConcealer(uint32_t rate_hz)
    : period_min_(rate_hz / 200),
      period_max_(rate_hz / 66),
      compared_(rate_hz / 50),
      blend_(rate_hz / 250),
      fade_begin_(rate_hz / 100),
      fade_end_lost_(rate_hz * 3 / 50),
      fade_end_not_due_(rate_hz / 4),
      history_((period_max_ + compared_) * kHistoryRoom),
      history_size_(period_max_ + compared_),
      history_end_(history_size_),
      period_(period_max_) {}

// The lag at which the last 20 ms look most like themselves, by normalised correlation.
size_t LossConcealer::find_period() const noexcept {
  const size_t step = std::max<size_t>(compared_ * 50 / kCoarseRateHz, 1);
  const int16_t* recent = history() + period_max_;
  size_t best = period_max_;
  double best_score = 0.0;
  for (size_t lag = period_min_; lag <= period_max_; ++lag) {
    const int16_t* earlier = recent - lag;
    int64_t product = 0;
    int64_t energy = 1;
    for (size_t i = 0; i < compared_; i += step) {
      product += int64_t{recent[i]} * earlier[i];
      energy += int64_t{earlier[i]} * earlier[i];
    }
    if (product <= 0) continue;
    const double score =
        static_cast<double>(product) * static_cast<double>(product) / static_cast<double>(energy);
    if (score <= best_score) continue;
    best_score = score;
    best = lag;
  }
  return best;
}

void LossConcealer::start_gap() noexcept {
  period_length_ = find_period();
  const int16_t* last = history() + history_size_ - period_length_;
  std::copy_n(last, period_length_, period_.begin());
  // The end of the period runs into its beginning: blend it with what came before that beginning.
  const size_t blended = std::min(period_length_ / 4, history_size_ - period_length_);
  for (size_t i = 0; i < blended; ++i) {
    const auto weight = static_cast<int32_t>(1024 * (i + 1) / (blended + 1));
    int16_t& sample = period_[period_length_ - blended + i];
    const int32_t before = *(last - blended + i);
    sample = static_cast<int16_t>((sample * (1024 - weight) + before * weight) / 1024);
  }
}

int16_t LossConcealer::made_up() noexcept {
  const int32_t sample = period_[gap_ % period_length_];
  const size_t at = gap_++;
  if (at < fade_begin_) return static_cast<int16_t>(sample);
  if (at >= fade_end_) return 0;
  return static_cast<int16_t>(sample * static_cast<int32_t>(fade_end_ - at) /
                              static_cast<int32_t>(fade_end_ - fade_begin_));
}

void LossConcealer::remember(std::span<const int16_t> samples) noexcept {
  samples = samples.last(std::min(samples.size(), history_size_));
  if (history_end_ + samples.size() > history_.size()) {
    std::copy_n(history(), history_size_, history_.begin());
    history_end_ = history_size_;
  }
  std::ranges::copy(samples, history_.begin() + static_cast<std::ptrdiff_t>(history_end_));
  history_end_ += samples.size();
}

void LossConcealer::accept(std::span<int16_t> samples) noexcept {
  if (gap_ > 0) {
    const size_t blended = std::min(blend_, samples.size());
    for (size_t i = 0; i < blended; ++i) {
      const auto weight = static_cast<int32_t>(1024 * (i + 1) / (blended + 1));
      samples[i] = static_cast<int16_t>((samples[i] * weight + made_up() * (1024 - weight)) / 1024);
    }
    gap_ = 0;
  }
  remember(samples);
}

void LossConcealer::fill(std::span<int16_t> samples, Gap gap) noexcept {
  if (samples.empty()) return;
  if (gap_ == 0) start_gap();
  fade_end_ = gap == Gap::Lost ? fade_end_lost_ : fade_end_not_due_;
  for (int16_t& sample : samples) sample = made_up();
}

}  // namespace sotto::audio
