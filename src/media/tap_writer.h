#pragma once

#include <memory>
#include <span>

#include "media/media_turn.h"
#include "media/tap_ring.h"

namespace sotto::media {

class Room;

// The media thread's end of a tap: collects the channels of one turn into a block.
class TapWriter final : public MediaObject {
 public:
  TapWriter(TapId id, std::shared_ptr<TapRing> ring) : id_(id), ring_(std::move(ring)) {}

  const TapId& id() const noexcept { return id_; }
  uint16_t channels() const noexcept { return ring_->channels(); }
  void pause(bool paused) noexcept { paused_ = paused; }
  // Where to put this turn's samples of a channel, silent at first. Empty: not wanted, or no space. Frames
  // that fell due without a turn, on the way from one thread to another or while one stood still, are read as
  // silence.
  std::span<int16_t> channel(MediaTurn& turn, uint16_t number) noexcept;
  // Ends the turn; without an effect if nobody asked for a channel.
  void commit(MediaTurn& turn) noexcept;
  void finish() noexcept {
    finished_ = true;
    ring_->finish();
  }
  bool finished() const noexcept { return finished_; }

  // Media thread: where it is plugged in.
  Room* room = nullptr;

 private:
  void fill_gap(base::TimePoint now) noexcept;

  const TapId id_;
  const std::shared_ptr<TapRing> ring_;
  std::span<int16_t> block_;
  bool begun_ = false;
  bool paused_ = false;
  bool finished_ = false;
  base::TimePoint last_turn_{};
  uint64_t lost_reported_ = 0;
};

}  // namespace sotto::media
