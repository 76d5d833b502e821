#include "media/tap_ring.h"

namespace sotto::media {

TapRing::TapRing(uint16_t channels, uint32_t rate_hz)
    : channels_(channels),
      rate_hz_(rate_hz),
      block_samples_(rate_hz / 50),
      samples_(kBlocks * channels * block_samples_),
      meta_(kBlocks) {}

std::span<int16_t> TapRing::begin_block() noexcept {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  if (written - read_.load(std::memory_order_acquire) == kBlocks) return {};
  const size_t block = channels_ * block_samples_;
  return std::span(samples_).subspan(static_cast<size_t>(written % kBlocks) * block, block);
}

void TapRing::commit_block() noexcept {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  meta_[static_cast<size_t>(written % kBlocks)].silent_before = lost_;
  lost_ = 0;
  written_.store(written + 1, std::memory_order_release);
}

void TapRing::skip_blocks(uint32_t count) noexcept {
  lost_ += count;
  lost_total_ += count;
}

void TapRing::finish() noexcept {
  finished_.store(true, std::memory_order_release);
}

TapRing::Block TapRing::front() noexcept {
  const uint64_t read = read_.load(std::memory_order_relaxed);
  if (written_.load(std::memory_order_acquire) == read) return {};
  const size_t slot = static_cast<size_t>(read % kBlocks);
  const size_t block = channels_ * block_samples_;
  return {.silent_before = meta_[slot].silent_before,
          .samples = std::span(samples_).subspan(slot * block, block)};
}

void TapRing::release() noexcept {
  read_.store(read_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

bool TapRing::finished() const noexcept {
  return finished_.load(std::memory_order_acquire) &&
         read_.load(std::memory_order_relaxed) == written_.load(std::memory_order_acquire);
}

}  // namespace sotto::media
