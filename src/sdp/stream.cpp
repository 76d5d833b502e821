#include "sdp/stream.h"

#include <algorithm>
#include <charconv>

#include "sdp/payload.h"

namespace sotto::sdp {
namespace {

template <typename Number>
Number number_or(std::string_view text, Number fallback) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? value : fallback;
}

std::string_view take_word(std::string_view& text) {
  const size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return word;
}

}  // namespace

const Attribute* find(const Session& session, const Media& media, std::string_view name) {
  const Attribute* found = find(media.attributes, name);
  return found != nullptr ? found : find(session.attributes, name);
}

bool may_send(Direction direction) {
  return direction == Direction::SendReceive || direction == Direction::SendOnly;
}

bool may_receive(Direction direction) {
  return direction == Direction::SendReceive || direction == Direction::ReceiveOnly;
}

Direction make_direction(bool sends, bool receives) {
  if (sends) return receives ? Direction::SendReceive : Direction::SendOnly;
  return receives ? Direction::ReceiveOnly : Direction::Inactive;
}

Direction reversed(Direction direction) {
  return make_direction(may_receive(direction), may_send(direction));
}

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::SendReceive: return "sendrecv";
    case Direction::SendOnly: return "sendonly";
    case Direction::ReceiveOnly: return "recvonly";
    case Direction::Inactive: return "inactive";
  }
  return "sendrecv";
}

Direction direction_of(const Session& session, const Media& media) {
  for (const auto* attributes : {&media.attributes, &session.attributes}) {
    for (const Attribute& attribute : *attributes) {
      for (const Direction direction :
           {Direction::SendReceive, Direction::SendOnly, Direction::ReceiveOnly, Direction::Inactive}) {
        if (attribute.name == to_string(direction)) return direction;
      }
    }
  }
  return Direction::SendReceive;
}

std::optional<Address> address_of(const Session& session, const Media& media) {
  return media.connection ? media.connection : session.connection;
}

bool is_unspecified(const Address& address) {
  return address.address == "0.0.0.0" || address.address == "::";
}

// "1 SUITE inline:... [session parameters]"; those with parameters that change the keys' use are not for us.
std::vector<Crypto> cryptos_of(const Media& media) {
  std::vector<Crypto> cryptos;
  for (const Attribute& attribute : media.attributes) {
    if (attribute.name != "crypto") continue;
    std::string_view value = attribute.value;
    const uint32_t tag = number_or<uint32_t>(take_word(value), 0);
    const std::string_view suite = take_word(value);
    const std::string_view key = take_word(value);
    if (tag == 0 || suite.empty() || !key.starts_with("inline:") || !value.empty()) continue;
    cryptos.push_back({.tag = tag, .suite = std::string(suite), .key = std::string(key)});
  }
  return cryptos;
}

std::string_view to_string(Setup setup) {
  switch (setup) {
    case Setup::Active: return "active";
    case Setup::Passive: return "passive";
    case Setup::ActPass: return "actpass";
  }
  return "actpass";
}

std::optional<Dtls> dtls_of(const Session& session, const Media& media) {
  const Attribute* fingerprint = find(session, media, "fingerprint");
  if (fingerprint == nullptr) return std::nullopt;
  Dtls dtls{.fingerprint = fingerprint->value, .setup = Setup::ActPass};
  const Attribute* setup = find(session, media, "setup");
  if (setup == nullptr) return dtls;
  if (setup->value == "active") dtls.setup = Setup::Active;
  if (setup->value == "passive") dtls.setup = Setup::Passive;
  return dtls;
}

std::optional<Ice> ice_of(const Session& session, const Media& media) {
  const Attribute* user = find(session, media, "ice-ufrag");
  const Attribute* password = find(session, media, "ice-pwd");
  if (user == nullptr || password == nullptr) return std::nullopt;
  Ice ice{.user_fragment = user->value,
          .password = password->value,
          .lite = find(session.attributes, "ice-lite") != nullptr,
          .candidates = {}};
  for (const Attribute& attribute : media.attributes) {
    if (attribute.name == "candidate") ice.candidates.push_back(attribute.value);
  }
  return ice;
}

std::optional<Security> security_of(const Session& session, const Media& media) {
  const std::string& protocol = media.protocol;
  if (protocol == "RTP/AVP" || protocol == "RTP/AVPF") return Security::None;
  if (protocol == "UDP/TLS/RTP/SAVP" || protocol == "UDP/TLS/RTP/SAVPF") return Security::Dtls;
  if (protocol != "RTP/SAVP" && protocol != "RTP/SAVPF") return std::nullopt;
  if (find(media.attributes, "crypto") != nullptr) return Security::Sdes;
  return find(session, media, "fingerprint") != nullptr ? Security::Dtls : Security::Sdes;
}

uint32_t ptime_of(const Session& session, const Media& media, uint32_t ours_ms) {
  constexpr uint32_t kFrameMs = 20;
  constexpr uint32_t kLongestMs = 60;
  const Attribute* wished = find(session, media, "ptime");
  const Attribute* longest = find(session, media, "maxptime");
  uint32_t ms = wished != nullptr ? number_or<uint32_t>(wished->value, ours_ms) : ours_ms;
  const uint32_t limit = longest != nullptr ? number_or<uint32_t>(longest->value, kLongestMs) : kLongestMs;
  ms = std::min({ms, limit, kLongestMs});
  if (limit < kFrameMs && limit > 0) return kFrameMs / 2;
  return std::max(ms / kFrameMs * kFrameMs, kFrameMs);
}

Result<void> read_remote(const Session& session, const Media& media, Agreed& agreed) {
  const auto address = address_of(session, media);
  if (!address) return fail(ErrorCode::Invalid, "sdp: no c= line");
  agreed.remote_address = *address;
  agreed.remote_port = media.port;
  agreed.remote_rtcp_address = *address;
  agreed.remote_rtcp_port = agreed.rtcp_mux ? media.port : static_cast<uint16_t>(media.port + 1);
  agreed.remote_ice = ice_of(session, media);
  const Attribute* rtcp = find(media.attributes, "rtcp");
  if (rtcp == nullptr || agreed.rtcp_mux) return {};
  // RFC 3605: "port [IN IP4 address]"
  std::string_view value = rtcp->value;
  agreed.remote_rtcp_port = number_or<uint16_t>(take_word(value), agreed.remote_rtcp_port);
  take_word(value);
  const std::string_view kind = take_word(value);
  if (!value.empty()) agreed.remote_rtcp_address = {kind == "IP6", std::string(take_word(value))};
  return {};
}

}  // namespace sotto::sdp
