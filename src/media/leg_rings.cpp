#include "media/leg_rings.h"

#include <algorithm>

namespace sotto::media {

LegRings::LegRings(uint32_t rate_hz, uint32_t room_rate_hz)
    : said_(std::make_shared<StreamRing>(rate_hz)),
      heard_(std::make_shared<TapRing>(uint16_t{1}, rate_hz)),
      adapter_(std::make_unique<RateAdapter>(rate_hz, room_rate_hz)) {}

std::unique_ptr<RateAdapter> LegRings::adapt(std::unique_ptr<RateAdapter> adapter) noexcept {
  if (adapter != nullptr && adapter->codec_rate_hz == adapter_->codec_rate_hz) std::swap(adapter_, adapter);
  return adapter;
}

const int16_t* LegRings::pull(MediaTurn&) noexcept {
  const std::span<int16_t> frame = adapter_->codec_frame;
  const size_t count = said_->read(frame);
  if (flowing_ && count < frame.size()) ++underruns_;
  flowing_ = count == frame.size();
  if (count == 0) return nullptr;
  std::fill(frame.begin() + static_cast<ptrdiff_t>(count), frame.end(), int16_t{0});
  if (!adapter_->to_room) return frame.data();
  const auto step = adapter_->to_room->run(frame, adapter_->room_frame);
  std::fill(adapter_->room_frame.begin() + static_cast<ptrdiff_t>(step.written), adapter_->room_frame.end(),
            int16_t{0});
  return adapter_->room_frame.data();
}

void LegRings::push(MediaTurn&, std::span<const int16_t> samples) noexcept {
  const std::span<int16_t> block = heard_->begin_block();
  if (block.empty()) return heard_->skip_block();
  size_t written = std::min(samples.size(), block.size());
  if (adapter_->to_codec) {
    written = adapter_->to_codec->run(samples, block).written;
  } else {
    std::copy_n(samples.begin(), written, block.begin());
  }
  std::fill(block.begin() + static_cast<ptrdiff_t>(written), block.end(), int16_t{0});
  heard_->commit_block();
}

void LegRings::push_silence(MediaTurn&) noexcept {
  const std::span<int16_t> block = heard_->begin_block();
  if (block.empty()) return heard_->skip_block();
  std::fill(block.begin(), block.end(), int16_t{0});
  heard_->commit_block();
}

}  // namespace sotto::media
