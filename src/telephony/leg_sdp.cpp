#include "telephony/leg_sdp.h"

#include <algorithm>

#include "audio/codec.h"
#include "crypto/digest.h"
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

constexpr rtp::SrtpSuite kSuites[] = {rtp::SrtpSuite::Aead128Gcm, rtp::SrtpSuite::Aes128CmSha1_80};
constexpr size_t kUserFragmentBytes = 4;  // RFC 8445 §5.3: at least 4 and 22 characters
constexpr size_t kPasswordBytes = 16;

std::string random_text(base::Random& random, size_t bytes) {
  base::Bytes drawn(bytes);
  random.fill(drawn);
  return crypto::to_hex(base::as_text(drawn));
}

sdp::Address address_of(const media::LocalPorts& ports) {
  return {ports.ip.find(':') != std::string::npos, ports.ip};
}

Result<rtp::SrtpKey> key_of(const sdp::Crypto& crypto) {
  const auto suite = rtp::parse_srtp_suite(crypto.suite);
  if (!suite) return fail(ErrorCode::Unsupported, "sdp: suite " + crypto.suite);
  return rtp::parse_inline_key(*suite, crypto.key);
}

bool asks_for_keys(const sdp::Session& offer) {
  const auto asks = [](const std::vector<sdp::Attribute>& attributes) {
    return std::ranges::any_of(attributes, [](const sdp::Attribute& one) {
      return one.name == "crypto" || one.name == "fingerprint" || one.name == "ice-ufrag";
    });
  };
  return asks(offer.attributes) || std::ranges::any_of(offer.media, asks, &sdp::Media::attributes);
}

}  // namespace

SoundKeys SoundKeys::make(base::Random& random, std::string fingerprint) {
  SoundKeys keys;
  for (const rtp::SrtpSuite suite : kSuites) {
    rtp::SrtpKey& key = keys.sdes.emplace_back(rtp::SrtpKey{.suite = suite});
    random.fill(std::span(key.bytes).first(rtp::srtp_key_bytes(suite)));
  }
  keys.fingerprint = std::move(fingerprint);
  keys.ice = {random_text(random, kUserFragmentBytes), random_text(random, kPasswordBytes)};
  return keys;
}

bool asks_for_dtls(std::string_view offer) {
  return offer.find("a=fingerprint:") != std::string_view::npos;
}

LegSdp::LegSdp(const media::LocalPorts& ports, uint64_t session_id, const std::vector<std::string>& codecs,
               std::chrono::milliseconds silence_max)
    : silence_max_(silence_max) {
  local_.session_id = session_id;
  local_.address = address_of(ports);
  local_.port = ports.rtp;
  local_.codecs = codecs_named(codecs);
}

void LegSdp::need_keys() {
  if (keys_ || !make_keys_) return;
  keys_ = make_keys_();
  for (const rtp::SrtpKey& key : keys_->sdes) {
    local_.cryptos.push_back(
        {.suite = std::string(rtp::to_string(key.suite)), .key = rtp::make_inline_key(key)});
  }
  if (!keys_->fingerprint.empty()) local_.dtls = sdp::Dtls{.fingerprint = keys_->fingerprint};
}

void LegSdp::set_place(const media::LocalPorts& ports) {
  local_.address = address_of(ports);
  local_.port = ports.rtp;
  if (!described_) return;
  described_->origin = local_.address;
  described_->connection = local_.address;
  for (sdp::Media& media : described_->media) {
    if (media.port == 0) continue;
    media.port = local_.port;
    for (sdp::Attribute& attribute : media.attributes) {
      if (attribute.name == "candidate") attribute.value = our_candidate();
    }
  }
}

std::string LegSdp::description() const {
  return described_ ? sdp::serialize(*described_) : std::string();
}

// One component, by rtcp-mux; RFC 8445 §5.1.2.1 with the preference of a host's only address.
std::string LegSdp::our_candidate() const {
  return "1 1 UDP 2130706431 " + local_.address.address + " " + std::to_string(local_.port) + " typ host";
}

sdp::Ice LegSdp::our_ice() const {
  return {.user_fragment = keys_->ice.user_fragment,
          .password = keys_->ice.password,
          .lite = true,
          .candidates = {our_candidate()}};
}

// An offer after the first protects sound as the last description did.
std::string LegSdp::make_offer(sdp::Security security) {
  if (security != sdp::Security::None) need_keys();
  if (!described_ || !settings_) offered_ = keys_ ? security : sdp::Security::None;
  const bool dtls = offered_ == sdp::Security::Dtls && local_.dtls;
  local_.security = dtls || offered_ != sdp::Security::Dtls ? offered_ : sdp::Security::None;
  local_.rtcp_mux = dtls;
  local_.ice.reset();
  if (dtls) local_.ice = our_ice();
  described_ = described_ ? sdp::make_offer(local_, *described_) : sdp::make_offer(local_);
  ++local_.session_version;
  return sdp::serialize(*described_);
}

Result<std::string> LegSdp::answer(std::string_view offer) {
  if (auto taken = take_offer(offer); !taken) return fail(taken.error());
  return description();
}

Result<void> LegSdp::take_offer(std::string_view offer) {
  const auto parsed = sdp::parse(offer);
  if (!parsed) return fail(parsed.error());
  local_.rtcp_mux = true;
  if (asks_for_keys(*parsed)) need_keys();
  if (keys_) local_.ice = our_ice();
  auto answered = sdp::answer(*parsed, local_);
  if (!answered) return fail(answered.error());
  if (auto agreed = agree(answered->agreed); !agreed) return fail(agreed.error());
  offered_ = answered->agreed.security;
  described_ = std::move(answered->answer);
  ++local_.session_version;
  return {};
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
  auto protection = protection_of(agreed);
  if (!protection) return fail(protection.error());
  settings.protection = std::move(*protection);
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

Result<media::LegProtection> LegSdp::protection_of(const sdp::Agreed& agreed) const {
  if (agreed.security == sdp::Security::None) return media::LegProtection();
  if (agreed.security == sdp::Security::Dtls) {
    media::DtlsSettings dtls{.fingerprint = agreed.remote_dtls->fingerprint,
                             .active = agreed.local_setup == sdp::Setup::Active};
    if (agreed.remote_ice && keys_) dtls.ice = keys_->ice;
    return media::LegProtection(std::move(dtls));
  }
  const auto ours = key_of(*agreed.local_crypto);
  if (!ours) return fail(ours.error());
  const auto theirs = key_of(*agreed.remote_crypto);
  if (!theirs) return fail(theirs.error());
  return media::LegProtection(media::SdesKeys{*ours, *theirs});
}

}  // namespace sotto::telephony
