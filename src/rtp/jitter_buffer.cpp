#include "rtp/jitter_buffer.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"

namespace sotto::rtp {
namespace {

constexpr int64_t kBinMs = 10;
constexpr uint32_t kShareOfAll = 1U << 24;
constexpr uint32_t kShareLate = kShareOfAll / 50;  // may come too late
constexpr int kForgetShift = 7;                    // a packet's weight is halved after about 90 more
constexpr int kWindowPackets = 250;                // of the minimum transit: 5 to 10 s
constexpr int kStraysMax = 4;
constexpr int64_t kConcealMaxMs = 120;  // then a gap is silence
constexpr int kTooLongPops = 10;

}  // namespace

JitterBuffer::JitterBuffer(const JitterBufferOptions& options)
    : clock_rate_hz_(options.clock_rate_hz),
      delay_min_(options.delay_min.count() * options.clock_rate_hz / 1'000'000'000),
      delay_max_(options.delay_max.count() * options.clock_rate_hz / 1'000'000'000),
      blocks_(std::max(options.payload_bytes, base::limits::kRtpPacketBytesMax) / kBlockBytes * kBlockBytes +
              kBlockBytes),
      next_block_(blocks_.size() / kBlockBytes),
      target_(delay_min_) {
  for (size_t i = 0; i < next_block_.size(); ++i) next_block_[i] = static_cast<uint16_t>(i + 1);
  next_block_.back() = kNoBlock;
  free_block_ = 0;
}

void JitterBuffer::reset() noexcept {
  while (count_ > 0) remove_first();
  started_ = false;
  playing_ = false;
  sequences_.reset();
  timestamps_.reset();
  bins_.fill(0);
  target_ = delay_min_;
  gap_ = 0;
  too_long_ = 0;
  strays_ = 0;
}

base::Duration JitterBuffer::target_delay() const noexcept {
  return std::chrono::nanoseconds(target_ * 1'000'000'000 / clock_rate_hz_);
}

int64_t JitterBuffer::ticks_at(base::TimePoint now) const noexcept {
  const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(now - epoch_).count();
  return us * clock_rate_hz_ / 1'000'000;
}

void JitterBuffer::restart(const Packet& packet, base::TimePoint now) noexcept {
  if (started_) ++counters_.restarts;
  reset();
  started_ = true;
  ssrc_ = packet.header.ssrc;
  epoch_ = now;
  transit_min_ = -int64_t{packet.header.timestamp};
  transit_min_next_ = transit_min_;
  window_left_ = kWindowPackets;
}

// Moves every bin's share towards what the newest packet shows.
void JitterBuffer::age(size_t bin) noexcept {
  for (uint32_t& share : bins_) share -= share >> kForgetShift;
  uint32_t sum = 0;
  for (const uint32_t share : bins_) sum += share;
  bins_[bin] += kShareOfAll - std::min(sum, kShareOfAll);
}

void JitterBuffer::learn(int64_t transit) noexcept {
  transit_min_next_ = std::min(transit_min_next_, transit);
  transit_min_ = std::min(transit_min_, transit);
  if (--window_left_ == 0) {
    transit_min_ = transit_min_next_;
    transit_min_next_ = transit;
    window_left_ = kWindowPackets;
  }
  const int64_t later_ms = (transit - transit_min_) * 1000 / clock_rate_hz_;
  const auto bin = static_cast<size_t>(std::clamp<int64_t>(later_ms / kBinMs, 0, kBins - 1));
  age(bin);
  uint32_t late = kShareOfAll;
  size_t needed = 0;
  while (needed < kBins && late > kShareLate) late -= std::min(late, bins_[needed++]);
  const int64_t target = static_cast<int64_t>(needed) * kBinMs * clock_rate_hz_ / 1000;
  target_ = std::clamp(target, delay_min_, delay_max_);
}

bool JitterBuffer::store(const Slot& slot, base::ByteView payload) noexcept {
  size_t at = count_;
  while (at > 0 && slots_[at - 1].sequence > slot.sequence) --at;
  if (at > 0 && slots_[at - 1].sequence == slot.sequence) {
    ++counters_.duplicate;
    return false;
  }
  const size_t needed = (payload.size() + kBlockBytes - 1) / kBlockBytes;
  const auto has_room = [&] {
    if (count_ == kPacketsMax) return false;
    uint16_t block = free_block_;
    for (size_t i = 0; i < needed; ++i) {
      if (block == kNoBlock) return false;
      block = next_block_[block];
    }
    return true;
  };
  while (!has_room()) {
    if (count_ == 0) return false;
    remove_first();
    ++counters_.overflow;
    if (at > 0) --at;
  }
  std::copy_backward(slots_.begin() + static_cast<std::ptrdiff_t>(at),
                     slots_.begin() + static_cast<std::ptrdiff_t>(count_),
                     slots_.begin() + static_cast<std::ptrdiff_t>(count_ + 1));
  ++count_;
  Slot& stored = slots_[at];
  stored = slot;
  stored.block = free_block_;
  uint16_t last = kNoBlock;
  for (size_t done = 0; done < payload.size(); done += kBlockBytes) {
    const base::ByteView part = payload.subspan(done, std::min(kBlockBytes, payload.size() - done));
    std::memcpy(blocks_.data() + free_block_ * kBlockBytes, part.data(), part.size());
    last = free_block_;
    free_block_ = next_block_[free_block_];
  }
  next_block_[last] = kNoBlock;
  return true;
}

void JitterBuffer::remove_first() noexcept {
  uint16_t block = slots_[0].block;
  while (block != kNoBlock) {
    const uint16_t next = next_block_[block];
    next_block_[block] = free_block_;
    free_block_ = block;
    block = next;
  }
  std::copy(slots_.begin() + 1, slots_.begin() + static_cast<std::ptrdiff_t>(count_), slots_.begin());
  --count_;
}

base::ByteView JitterBuffer::copy_out(const Slot& slot, std::span<std::byte> scratch) const noexcept {
  if (slot.bytes <= kBlockBytes) return std::span(blocks_).subspan(slot.block * kBlockBytes, slot.bytes);
  const size_t bytes = std::min<size_t>(slot.bytes, scratch.size());
  uint16_t block = slot.block;
  for (size_t done = 0; done < bytes; done += kBlockBytes, block = next_block_[block]) {
    std::memcpy(scratch.data() + done, blocks_.data() + block * kBlockBytes,
                std::min(kBlockBytes, bytes - done));
  }
  return scratch.first(bytes);
}

bool JitterBuffer::take_first(Taken& taken, std::span<std::byte> scratch) noexcept {
  if (count_ == 0) return false;
  const Slot& first = slots_[0];
  taken = {.sequence_number = static_cast<uint16_t>(first.sequence),
           .timestamp = static_cast<uint32_t>(first.timestamp),
           .ticks = first.ticks,
           .payload = copy_out(first, scratch)};
  ++counters_.played;
  remove_first();
  return true;
}

bool JitterBuffer::pass(const Header& header, base::TimePoint now) noexcept {
  if (!started_ || header.ssrc != ssrc_) return false;
  const int64_t transit = ticks_at(now) - timestamps_.peek(header.timestamp);
  if (is_stray(transit)) return false;
  learn(transit);
  strays_ = 0;
  timestamps_.extend(header.timestamp);
  sequences_.extend(header.sequence_number);
  return true;
}

void JitterBuffer::restart_playing() noexcept {
  while (count_ > 0) remove_first();
  playing_ = false;
  gap_ = 0;
  too_long_ = 0;
}

// Seconds off: one packet may be delayed, several mean that the sender's clock has jumped.
bool JitterBuffer::is_stray(int64_t transit) const noexcept {
  const int64_t stray = delay_max_ + clock_rate_hz_ / 2;
  return transit > transit_min_ + stray || transit < transit_min_ - stray;
}

void JitterBuffer::insert(const Packet& packet, uint32_t ticks, base::TimePoint now) noexcept {
  if (ticks == 0 || packet.payload.empty() || packet.payload.size() > base::limits::kRtpPacketBytesMax)
    return;
  if (!started_ || packet.header.ssrc != ssrc_) restart(packet, now);
  int64_t timestamp = timestamps_.peek(packet.header.timestamp);
  const int64_t transit = ticks_at(now) - timestamp;
  if (is_stray(transit)) {
    if (++strays_ < kStraysMax) return void(++counters_.late);
    restart(packet, now);
    timestamp = timestamps_.peek(packet.header.timestamp);
  } else {
    learn(transit);
  }
  strays_ = 0;
  timestamps_.extend(packet.header.timestamp);
  const Slot slot{.sequence = sequences_.extend(packet.header.sequence_number),
                  .timestamp = timestamp,
                  .ticks = ticks,
                  .bytes = static_cast<uint16_t>(packet.payload.size()),
                  .payload_type = packet.header.payload_type};
  if (playing_ && timestamp + ticks / 2 < next_timestamp_) return void(++counters_.late);
  if (store(slot, packet.payload)) ++counters_.inserted;
}

// How much sooner than planned `timestamp` would be played now, in ticks.
int64_t JitterBuffer::lead(int64_t timestamp, base::TimePoint now) const noexcept {
  return timestamp + transit_min_ + target_ - ticks_at(now);
}

// Skips a packet when the delay has been a packet and a half too long for a while, and whatever is beyond
// delay_max.
void JitterBuffer::shorten(base::TimePoint now) noexcept {
  const auto drop = [&] {
    next_timestamp_ = slots_[0].timestamp + slots_[0].ticks;
    remove_first();
    ++counters_.dropped;
  };
  while (count_ > 1 && -lead(slots_[0].timestamp, now) > delay_max_) drop();
  const int64_t margin = int64_t{slots_[0].ticks} * 3 / 2;
  if (count_ < 2 || -lead(slots_[0].timestamp, now) <= margin) {
    too_long_ = 0;
    return;
  }
  if (++too_long_ < kTooLongPops) return;
  too_long_ = 0;
  drop();
}

JitterBuffer::Popped JitterBuffer::play_first(std::span<std::byte> scratch) noexcept {
  const Slot& first = slots_[0];
  const Popped popped{Action::Decode, copy_out(first, scratch), first.payload_type, first.ticks};
  next_timestamp_ = first.timestamp + first.ticks;
  gap_ = 0;
  ++counters_.played;
  remove_first();
  return popped;
}

// The packet that should come next is not here.
JitterBuffer::Popped JitterBuffer::bridge_gap(base::TimePoint now, uint32_t ticks,
                                              std::span<std::byte> scratch) noexcept {
  const bool early = lead(next_timestamp_, now) > 0;
  const bool long_gap = int64_t{gap_} * 1000 >= kConcealMaxMs * clock_rate_hz_;
  if (long_gap && count_ == 0) {
    playing_ = false;
    return {.ticks = ticks};
  }
  Popped popped{.action = long_gap ? Action::Silence : Action::Conceal, .ticks = ticks};
  gap_ += ticks;
  if (early && !long_gap) {
    // There is less delay than wanted, and it may yet come: play time without using up the stream's.
    ++counters_.stretched;
    return popped;
  }
  if (count_ > 0)
    popped.ticks = static_cast<uint32_t>(std::min<int64_t>(ticks, slots_[0].timestamp - next_timestamp_));
  next_timestamp_ += popped.ticks;
  if (long_gap) return popped;
  ++counters_.lost;
  if (count_ > 0 && slots_[0].timestamp == next_timestamp_) popped.payload = copy_out(slots_[0], scratch);
  return popped;
}

JitterBuffer::Popped JitterBuffer::pop(base::TimePoint now, uint32_t ticks,
                                       std::span<std::byte> scratch) noexcept {
  if (!playing_) {
    if (count_ == 0 || lead(slots_[0].timestamp, now) > 0) return {.ticks = ticks};
    playing_ = true;
    gap_ = 0;
    next_timestamp_ = slots_[0].timestamp;
  }
  while (count_ > 0 && slots_[0].timestamp + slots_[0].ticks / 2 < next_timestamp_) {
    remove_first();
    ++counters_.late;
  }
  if (count_ > 0) shorten(now);
  if (count_ == 0) return bridge_gap(now, ticks, scratch);
  const Slot& first = slots_[0];
  if (first.timestamp <= next_timestamp_ + first.ticks / 4) return play_first(scratch);
  return bridge_gap(now, ticks, scratch);
}

bool JitterBuffer::pop_frame(base::TimePoint now, uint32_t ticks, base::ByteView& payload) noexcept {
  if (!playing_ || count_ == 0) return false;
  const Slot& first = slots_[0];
  const bool simple =
      first.timestamp == next_timestamp_ && first.ticks == ticks && first.bytes <= kBlockBytes;
  if (!simple) return false;
  const Popped popped = pop(now, ticks, {});
  payload = popped.action == Action::Decode ? popped.payload : base::ByteView();
  return true;
}

}  // namespace sotto::rtp
