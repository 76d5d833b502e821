#include "media/leg_path.h"

#include <algorithm>

namespace sotto::media {
namespace {

constexpr uint32_t kPacketLengthMaxMs = 120;
constexpr size_t kPacketsHeld = 16;  // by the jitter buffer: 320 ms, a third more than its longest delay

}  // namespace

RateAdapter::RateAdapter(uint32_t codec_rate, uint32_t room_rate)
    : codec_rate_hz(codec_rate),
      room_rate_hz(room_rate),
      room_frame(room_rate / kFramesPerSecond),
      codec_frame(codec_rate / kFramesPerSecond) {
  if (codec_rate == room_rate) return;
  to_room.emplace(codec_rate, room_rate);
  to_codec.emplace(room_rate, codec_rate);
}

Result<std::unique_ptr<LegPath>> LegPath::create(const LegSettings& settings, uint32_t room_rate_hz) {
  auto path = std::make_unique<LegPath>();
  path->settings = settings;
  path->settings.protection = {};  // the control thread's affair
  path->secure = settings.protection.index() != 0;
  path->codec = &audio::codec(settings.codec);
  path->encoder = path->codec->make_encoder(settings.codec_settings);
  path->decoder = path->codec->make_decoder(settings.codec_settings);
  if (path->encoder == nullptr || path->decoder == nullptr) {
    return fail(ErrorCode::Unsupported, "codec " + std::string(path->codec->name) + " with these settings");
  }
  path->sample_rate_hz = path->encoder->sample_rate_hz();
  path->frame_samples = path->sample_rate_hz / kFramesPerSecond;
  path->frame_ticks = path->codec->clock_rate_hz / kFramesPerSecond;
  rtp::JitterBufferOptions options;
  options.clock_rate_hz = path->codec->clock_rate_hz;
  options.payload_bytes = std::min(options.payload_bytes, path->codec->payload_bytes_max * kPacketsHeld);
  path->jitter = std::make_unique<rtp::JitterBuffer>(options);
  path->adapter = std::make_unique<RateAdapter>(path->sample_rate_hz, room_rate_hz);
  path->decoded.resize(path->sample_rate_hz / 1000 * (kPacketLengthMaxMs + 20));
  path->last_payloads.emplace(path->codec->frames_to_settle, path->codec->payload_bytes_max);
  if (settings.in_band_digits && !settings.event_payload_type) {
    path->detector = std::make_unique<audio::DtmfDetector>(path->sample_rate_hz);
  }
  return path;
}

bool LegPath::same_codec(const LegPath& other) const noexcept {
  return codec == other.codec && sample_rate_hz == other.sample_rate_hz &&
         settings.codec_settings.bitrate_bps == other.settings.codec_settings.bitrate_bps &&
         (detector == nullptr) == (other.detector == nullptr);
}

}  // namespace sotto::media
