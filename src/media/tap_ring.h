#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sotto::media {

// Four seconds of a tap's channels, from the media thread to the one thread that drains it. Blocks are 20 ms.
class TapRing {
 public:
  TapRing(uint16_t channels, uint32_t rate_hz);

  uint16_t channels() const noexcept { return channels_; }
  uint32_t rate_hz() const noexcept { return rate_hz_; }
  size_t block_samples() const noexcept { return block_samples_; }  // of one channel

  // Media thread: the block to fill, channel after channel, or empty when the reader is too slow.
  std::span<int16_t> begin_block() noexcept;
  void commit_block() noexcept;
  void skip_blocks(uint32_t count) noexcept;  // lost: the reader gets silence of this length in their place
  void skip_block() noexcept { skip_blocks(1); }
  void finish() noexcept;  // nothing more will come
  uint64_t lost_blocks() const noexcept { return lost_total_; }

  // Reader: the oldest block, empty when there is none. Valid until release().
  struct Block {
    uint32_t silent_before = 0;        // blocks that were lost just before this one
    std::span<const int16_t> samples;  // channel after channel
  };
  Block front() noexcept;
  void release() noexcept;
  bool finished() const noexcept;  // and drained

 private:
  struct Meta {
    uint32_t silent_before = 0;
  };
  static constexpr size_t kBlocks = 200;

  // Constant after construction.
  const uint16_t channels_;
  const uint32_t rate_hz_;
  const size_t block_samples_;

  std::vector<int16_t> samples_;
  std::vector<Meta> meta_;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> read_{0};
  std::atomic<bool> finished_{false};
  // Media thread's own.
  uint32_t lost_ = 0;
  uint64_t lost_total_ = 0;
};

// One end of a tap for the thread that drains it: a recorder, a stream, a recogniser. Cheap to poll.
class TapReader {
 public:
  explicit TapReader(std::shared_ptr<TapRing> ring) : ring_(std::move(ring)) {}

  uint16_t channels() const noexcept { return ring_->channels(); }
  uint32_t rate_hz() const noexcept { return ring_->rate_hz(); }
  size_t block_samples() const noexcept { return ring_->block_samples(); }
  TapRing::Block front() noexcept { return ring_->front(); }
  void release() noexcept { ring_->release(); }
  // The tap was closed and everything has been read.
  bool finished() const noexcept { return ring_->finished(); }

 private:
  std::shared_ptr<TapRing> ring_;
};

}  // namespace sotto::media
