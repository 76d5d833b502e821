#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto::media {

// Mono samples from one writing thread to the media thread: speech as it is made, the way back of a stream.
class StreamRing {
 public:
  explicit StreamRing(uint32_t rate_hz, std::chrono::milliseconds length = std::chrono::seconds(4));

  uint32_t rate_hz() const noexcept { return rate_hz_; }

  // Writer's side. Takes what fits and says how much: the rest is the writer's to keep.
  size_t write(std::span<const int16_t> samples) noexcept;
  size_t space() const noexcept;
  void close() noexcept;  // nothing more will be written
  void clear() noexcept;  // what was written and not yet played is skipped
  uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }
  // How much of what was written is played or skipped.
  uint64_t passed() const noexcept;

  // Reader's side.
  size_t read(std::span<int16_t> samples) noexcept;
  bool finished() const noexcept;  // closed and drained

 private:
  // Constant after construction.
  const uint32_t rate_hz_;
  std::vector<int16_t> samples_;

  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> read_{0};
  std::atomic<uint64_t> cleared_{0};  // the reader skips to here
  std::atomic<bool> closed_{false};
};

}  // namespace sotto::media
