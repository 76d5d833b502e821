#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/codec.h"
#include "audio/dtmf_detector.h"
#include "audio/resampler.h"
#include "media/last_payloads.h"
#include "media/leg_settings.h"
#include "media/media_turn.h"
#include "rtp/jitter_buffer.h"

namespace sotto::media {

// Between a leg's codec rate and its room's. Made by the control thread for each room the leg comes to.
struct RateAdapter final : MediaObject {
  RateAdapter(uint32_t codec_rate_hz, uint32_t room_rate_hz);

  const uint32_t codec_rate_hz;
  const uint32_t room_rate_hz;
  std::optional<audio::Resampler> to_room;
  std::optional<audio::Resampler> to_codec;
  std::vector<int16_t> room_frame;
  std::vector<int16_t> codec_frame;
};

// Everything that an offer and its answer fix for a leg, ready to be swapped in.
struct LegPath final : MediaObject {
  // Fails where the codec cannot be had with these settings.
  static Result<std::unique_ptr<LegPath>> create(const LegSettings& settings, uint32_t room_rate_hz);

  bool same_codec(const LegPath& other) const noexcept;

  LegSettings settings;
  const audio::CodecSpec* codec = nullptr;
  bool secure = false;  // it has a protection
  uint32_t sample_rate_hz = 0;
  uint32_t frame_samples = 0;
  uint32_t frame_ticks = 0;
  std::unique_ptr<audio::Encoder> encoder;
  std::unique_ptr<audio::Decoder> decoder;
  std::unique_ptr<rtp::JitterBuffer> jitter;
  std::unique_ptr<audio::DtmfDetector> detector;  // null: digits come as events
  std::unique_ptr<RateAdapter> adapter;
  std::vector<int16_t> decoded;  // samples of packets not yet heard
  size_t decoded_count = 0;
  std::optional<LastPayloads> last_payloads;  // always, once created
};

}  // namespace sotto::media
