#include "media/stream_ring.h"

#include <algorithm>

namespace sotto::media {

StreamRing::StreamRing(uint32_t rate_hz, std::chrono::milliseconds length)
    : rate_hz_(rate_hz),
      samples_(static_cast<size_t>(rate_hz) * static_cast<size_t>(length.count()) / 1000) {}

size_t StreamRing::space() const noexcept {
  return samples_.size() - static_cast<size_t>(written_.load(std::memory_order_relaxed) -
                                               read_.load(std::memory_order_acquire));
}

size_t StreamRing::write(std::span<const int16_t> samples) noexcept {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  const size_t count = std::min(samples.size(), space());
  const size_t at = static_cast<size_t>(written % samples_.size());
  const size_t before_end = std::min(count, samples_.size() - at);
  std::copy_n(samples.begin(), before_end, samples_.begin() + static_cast<ptrdiff_t>(at));
  std::copy_n(samples.begin() + static_cast<ptrdiff_t>(before_end), count - before_end, samples_.begin());
  written_.store(written + count, std::memory_order_release);
  return count;
}

void StreamRing::close() noexcept {
  closed_.store(true, std::memory_order_release);
}

void StreamRing::clear() noexcept {
  cleared_.store(written_.load(std::memory_order_relaxed), std::memory_order_release);
}

uint64_t StreamRing::passed() const noexcept {
  return std::max(read_.load(std::memory_order_acquire), cleared_.load(std::memory_order_acquire));
}

size_t StreamRing::read(std::span<int16_t> samples) noexcept {
  const uint64_t cleared = cleared_.load(std::memory_order_acquire);
  const uint64_t start = std::max(read_.load(std::memory_order_relaxed), cleared);
  const uint64_t written = written_.load(std::memory_order_acquire);
  const size_t count = std::min<size_t>(samples.size(), static_cast<size_t>(written - start));
  const size_t at = static_cast<size_t>(start % samples_.size());
  const size_t before_end = std::min(count, samples_.size() - at);
  std::copy_n(samples_.begin() + static_cast<ptrdiff_t>(at), before_end, samples.begin());
  std::copy_n(samples_.begin(), count - before_end, samples.begin() + static_cast<ptrdiff_t>(before_end));
  read_.store(start + count, std::memory_order_release);
  return count;
}

bool StreamRing::finished() const noexcept {
  // In this order: what was written before close() is then seen.
  if (!closed_.load(std::memory_order_acquire)) return false;
  const uint64_t read =
      std::max(read_.load(std::memory_order_relaxed), cleared_.load(std::memory_order_acquire));
  return read >= written_.load(std::memory_order_acquire);
}

}  // namespace sotto::media
