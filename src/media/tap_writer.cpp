#include "media/tap_writer.h"

#include <algorithm>

namespace sotto::media {

std::span<int16_t> TapWriter::channel(MediaTurn& turn, uint16_t number) noexcept {
  if (!begun_) {
    if (!paused_) fill_gap(turn.now());
    last_turn_ = turn.now();
  }
  if (paused_ || number >= channels()) return {};
  if (!begun_) {
    begun_ = true;
    block_ = ring_->begin_block();
    std::fill(block_.begin(), block_.end(), int16_t{0});
  }
  if (block_.empty()) return {};
  return block_.subspan(number * ring_->block_samples(), ring_->block_samples());
}

// To the nearest frame: rooms differ in phase, so one turn follows the other by 20 ms on average only.
void TapWriter::fill_gap(base::TimePoint now) noexcept {
  if (last_turn_ == base::TimePoint()) return;
  const auto frames = (now - last_turn_ + kFrameLength / 2) / kFrameLength;
  if (frames > 1) ring_->skip_blocks(static_cast<uint32_t>(frames - 1));
}

void TapWriter::commit(MediaTurn& turn) noexcept {
  if (!begun_) return;
  begun_ = false;
  if (block_.empty()) {
    ring_->skip_block();
    return;
  }
  ring_->commit_block();
  const uint64_t lost = ring_->lost_blocks();
  if (lost == lost_reported_) return;
  turn.notice(TapLost{.tap = id_, .lost = static_cast<int64_t>(lost - lost_reported_) * kFrameLength});
  lost_reported_ = lost;
}

}  // namespace sotto::media
