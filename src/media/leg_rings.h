#pragma once

#include <memory>

#include "media/leg_path.h"
#include "media/stream_ring.h"
#include "media/tap_ring.h"

namespace sotto::media {

// The two ends of a leg that has no RTP, for the one thread that serves it: what the leg says is written to
// one ring, what it hears is read from the other, both at the rate that was asked for. The rings outlive the
// leg.
struct RingEnds {
  std::shared_ptr<StreamRing> said;
  std::unique_ptr<TapReader> heard;
};

// A leg's sound as plain samples instead of RTP: the media thread's end of the rings.
class LegRings final : public MediaObject {
 public:
  LegRings(uint32_t rate_hz, uint32_t room_rate_hz);
  ~LegRings() override { heard_->finish(); }

  RingEnds ends() const { return {said_, std::make_unique<TapReader>(heard_)}; }

  // In the turn. At the room's rate; null: nothing was said.
  const int16_t* pull(MediaTurn& turn) noexcept;
  void push(MediaTurn& turn, std::span<const int16_t> samples) noexcept;
  void push_silence(MediaTurn& turn) noexcept;
  size_t room_samples() const noexcept { return adapter_->room_frame.size(); }
  uint64_t underruns() const noexcept { return underruns_; }

  std::unique_ptr<RateAdapter> adapt(std::unique_ptr<RateAdapter> adapter) noexcept;

 private:
  const std::shared_ptr<StreamRing> said_;
  const std::shared_ptr<TapRing> heard_;
  std::unique_ptr<RateAdapter> adapter_;
  bool flowing_ = false;    // the last frame came whole
  uint64_t underruns_ = 0;  // times that what was said broke off
};

}  // namespace sotto::media
