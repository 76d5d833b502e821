#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/prefetch.h"
#include "base/time.h"
#include "rtp/packet.h"

namespace sotto::rtp {

struct JitterBufferOptions {
  uint32_t clock_rate_hz = 8'000;
  base::Duration delay_min = std::chrono::milliseconds(20);
  base::Duration delay_max = std::chrono::milliseconds(240);
  size_t payload_bytes = 4'096;  // for all packets held; at least one packet's
};

// Puts one stream's packets back in order and in time. Delay follows what the network does: just enough that
// about one packet in fifty comes too late, at least delay_min, at most delay_max. Allocates when made only;
// time comes in with each call; every loop is bounded by kPacketsMax.
//
// The reader asks with pop() whenever it needs more sound, and does what it is told: decode, conceal a gap,
// or be silent.
class JitterBuffer {
 public:
  static constexpr size_t kPacketsMax = 48;

  struct Counters {
    uint64_t inserted = 0;
    uint64_t played = 0;
    uint64_t late = 0;  // came after its turn
    uint64_t duplicate = 0;
    uint64_t overflow = 0;   // thrown out for want of room
    uint64_t lost = 0;       // gaps of one pop() each that were concealed
    uint64_t dropped = 0;    // skipped to shorten the delay
    uint64_t stretched = 0;  // concealed without a gap, to lengthen the delay
    uint64_t restarts = 0;   // new stream, jump of the sender's clock
  };

  enum class Action : uint8_t {
    Decode,   // `payload` holds the next packet
    Conceal,  // a packet is missing: make up `ticks`; `payload` holds the packet after it, if that is here
    Silence,  // nothing to play: the stream has not begun, or pauses
  };
  struct Popped {
    Action action = Action::Silence;
    base::ByteView payload;  // in the caller's buffer or our own: valid until the next insert()
    uint8_t payload_type = 0;
    uint32_t ticks = 0;  // how long to play for
  };

  explicit JitterBuffer(const JitterBufferOptions& options);

  // `ticks` is how long the payload lasts. Payloads of no length or over limits::kRtpPacketBytesMax are not
  // taken.
  void insert(const Packet& packet, uint32_t ticks, base::TimePoint now) noexcept;
  // What to play next. `ticks` is what the reader wants when there is nothing; `scratch` takes the payload.
  Popped pop(base::TimePoint now, uint32_t ticks, std::span<std::byte> scratch) noexcept;

  // As pop(), where that would be one packet of exactly `ticks` that lies in one piece. False: nothing was
  // done.
  bool pop_frame(base::TimePoint now, uint32_t ticks, base::ByteView& payload) noexcept;

  // ---- for a stream that goes on elsewhere as it is
  // True while it plays without a gap: what comes next is what came next in the stream.
  bool flows() const noexcept { return playing_ && gap_ == 0 && too_long_ == 0; }
  uint32_t next_timestamp() const noexcept { return static_cast<uint32_t>(next_timestamp_); }
  // The first packet held, taken out. False: none is held.
  struct Taken {
    uint16_t sequence_number = 0;
    uint32_t timestamp = 0;
    uint32_t ticks = 0;
    base::ByteView payload;  // valid until the next insert()
  };
  bool take_first(Taken& taken, std::span<std::byte> scratch) noexcept;
  // A packet that is not to be held; its timing is learned from. False: not of the stream known, and nothing
  // was done.
  bool pass(const Header& header, base::TimePoint now) noexcept;
  // What is inserted from now on is played after the usual delay.
  void restart_playing() noexcept;

  // Forgets packets and timing, as for a new source; counters go on.
  void reset() noexcept;

  base::Duration target_delay() const noexcept;
  size_t held() const noexcept { return count_; }
  // Fetches what is looked at for each packet into the processor's cache; then, when that is there, the
  // packet that comes next out of the buffer or the place of the next one into it.
  void prefetch() const noexcept {
    constexpr size_t kSlotsUsual = 4;
    const auto* const self = reinterpret_cast<const std::byte*>(this);
    const auto* const end = reinterpret_cast<const std::byte*>(slots_.data() + kSlotsUsual);
    base::prefetch(self, static_cast<size_t>(end - self));
  }
  void prefetch_first() const noexcept {
    if (count_ > 0) prefetch_block(slots_[0].block);
  }
  void prefetch_free() const noexcept {
    if (free_block_ != kNoBlock) prefetch_block(free_block_);
  }
  const Counters& counters() const noexcept { return counters_; }

 private:
  static constexpr size_t kBlockBytes = 168;  // a 20 ms packet of G.711 or G.722 takes one
  static constexpr size_t kBins = 32;         // of 10 ms, of how much later than the fastest packets come
  static constexpr uint16_t kNoBlock = 0xFFFF;

  struct Slot {
    int64_t sequence = 0;
    int64_t timestamp = 0;
    uint32_t ticks = 0;
    uint16_t bytes = 0;
    uint16_t block = kNoBlock;
    uint8_t payload_type = 0;
  };

  void prefetch_block(uint16_t block) const noexcept {
    base::prefetch(blocks_.data() + block * kBlockBytes, kBlockBytes);
    base::prefetch(next_block_.data() + block);
  }
  bool is_stray(int64_t transit) const noexcept;
  int64_t ticks_at(base::TimePoint now) const noexcept;
  void restart(const Packet& packet, base::TimePoint now) noexcept;
  void learn(int64_t transit) noexcept;
  void age(size_t bin) noexcept;
  bool store(const Slot& slot, base::ByteView payload) noexcept;
  void remove_first() noexcept;
  base::ByteView copy_out(const Slot& slot, std::span<std::byte> scratch) const noexcept;
  int64_t lead(int64_t timestamp, base::TimePoint now) const noexcept;
  void shorten(base::TimePoint now) noexcept;
  Popped play_first(std::span<std::byte> scratch) noexcept;
  Popped bridge_gap(base::TimePoint now, uint32_t ticks, std::span<std::byte> scratch) noexcept;

  // Constant after construction.
  const uint32_t clock_rate_hz_;
  const int64_t delay_min_;  // in ticks
  const int64_t delay_max_;

  // Payloads of packets, in chains of blocks.
  std::vector<std::byte> blocks_;
  std::vector<uint16_t> next_block_;
  uint16_t free_block_ = kNoBlock;

  // Arrival: transit is the time of arrival less the timestamp, its minimum that of the fastest packets.
  bool started_ = false;
  uint32_t ssrc_ = 0;
  base::TimePoint epoch_{};
  SequenceExtender sequences_;
  TimestampExtender timestamps_;
  int64_t transit_min_ = 0;
  int64_t transit_min_next_ = 0;  // of the window that runs
  int window_left_ = 0;
  int strays_ = 0;                      // packets in a row far from the transit known
  std::array<uint32_t, kBins> bins_{};  // shares of 1 << 24
  int64_t target_ = 0;

  // Playing.
  bool playing_ = false;
  int64_t next_timestamp_ = 0;
  uint32_t gap_ = 0;  // ticks concealed in a row
  int too_long_ = 0;  // pops in a row with more delay than wanted
  Counters counters_;

  // Packets, in order of sequence number. Last, since only the first few are in use as a rule.
  size_t count_ = 0;
  std::array<Slot, kPacketsMax> slots_{};
};

}  // namespace sotto::rtp
