#include "telephony/leg_sdp.h"

#include <algorithm>

#include "audio/codec.h"
#include "sdp/payload.h"

namespace sotto::telephony {
namespace {

std::vector<sdp::Codec> codecs_named(const std::vector<std::string>& names) {
  std::vector<sdp::Codec> out;
  for (const audio::CodecSpec& spec : audio::codecs()) {
    const auto named = [&](const std::string& name) { return sdp::equal_in_any_case(name, spec.name); };
    if (!names.empty() && std::none_of(names.begin(), names.end(), named)) continue;
    out.push_back({std::string(spec.name), spec.clock_rate_hz, spec.channels, spec.payload_type,
                   std::string(spec.fmtp)});
  }
  return out;
}

media::Direction to_media(sdp::Direction direction) {
  switch (direction) {
    case sdp::Direction::SendReceive: return media::Direction::SendReceive;
    case sdp::Direction::SendOnly: return media::Direction::SendOnly;
    case sdp::Direction::ReceiveOnly: return media::Direction::ReceiveOnly;
    case sdp::Direction::Inactive: break;
  }
  return media::Direction::Inactive;
}

}  // namespace

LegSdp::LegSdp(const media::LocalPorts& ports, uint64_t session_id, const std::vector<std::string>& codecs,
               std::chrono::milliseconds silence_max)
    : silence_max_(silence_max) {
  local_.session_id = session_id;
  local_.address = {ports.ip.find(':') != std::string::npos, ports.ip};
  local_.port = ports.rtp;
  local_.codecs = codecs_named(codecs);
}

std::string LegSdp::make_offer() {
  described_ = described_ ? sdp::make_offer(local_, *described_) : sdp::make_offer(local_);
  ++local_.session_version;
  return sdp::serialize(*described_);
}

Result<std::string> LegSdp::answer(std::string_view offer) {
  const auto parsed = sdp::parse(offer);
  if (!parsed) return fail(parsed.error());
  auto answered = sdp::answer(*parsed, local_);
  if (!answered) return fail(answered.error());
  if (auto agreed = agree(answered->agreed); !agreed) return fail(agreed.error());
  described_ = std::move(answered->answer);
  ++local_.session_version;
  return sdp::serialize(*described_);
}

Result<void> LegSdp::accept_answer(std::string_view answer) {
  if (!described_) return fail(ErrorCode::Conflict, "sdp: an answer without an offer of ours");
  const auto parsed = sdp::parse(answer);
  if (!parsed) return fail(parsed.error());
  const auto agreed = sdp::accept_answer(*described_, *parsed, local_);
  if (!agreed) return fail(agreed.error());
  return agree(*agreed);
}

Result<void> LegSdp::agree(const sdp::Agreed& agreed) {
  const audio::CodecSpec* spec = audio::find_codec(agreed.codec.codec.name, agreed.codec.codec.clock_rate_hz);
  if (spec == nullptr) return fail(ErrorCode::Unsupported, "sdp: codec " + agreed.codec.codec.name);
  media::LegSettings settings;
  settings.codec = spec->id;
  settings.payload_type = agreed.codec.send_payload_type;
  settings.payload_type_in = agreed.codec.receive_payload_type;
  if (agreed.events) {
    settings.event_payload_type = agreed.events->send_payload_type;
    settings.event_clock_hz = agreed.events->clock_rate_hz;
  }
  settings.rtcp_mux = agreed.rtcp_mux;
  settings.direction = to_media(agreed.direction);
  settings.silence_max = silence_max_;
  far_holds_ = agreed.remote_holds;
  auto remote = media::SocketAddress::parse(agreed.remote_address.address, agreed.remote_port);
  if (remote) settings.remote = *remote;
  auto rtcp = media::SocketAddress::parse(agreed.remote_rtcp_address.address, agreed.remote_rtcp_port);
  if (rtcp) settings.remote_rtcp = *rtcp;
  settings_ = std::move(settings);
  return {};
}

}  // namespace sotto::telephony
