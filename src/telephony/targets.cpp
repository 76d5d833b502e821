// Where an outbound leg's INVITE goes: the directory decides, this puts it into URIs and flows.
#include "directory/route.h"
#include "telephony/addresses.h"
#include "telephony/gateway.h"

namespace sotto::telephony {
namespace {

constexpr uint16_t kSipPort = 5060;

struct HostPort {
  std::string host;
  uint16_t port = kSipPort;
};

// The flow to a literal address. A name needs the resolver.
Result<sip::Flow> flow_to(const HostPort& where) {
  const auto address = sip::parse_ip(where.host == "localhost" ? "127.0.0.1" : where.host, where.port);
  if (!address) return fail(ErrorCode::Unreachable, "host: \"" + where.host + "\" is no IP address");
  sip::Flow flow;
  flow.peer = *address;
  return flow;
}

Result<sip::Flow> flow_of_uri(const std::string& text) {
  const auto uri = sip::parse_uri(text);
  if (!uri || !uri->is_sip()) return fail(ErrorCode::Invalid, "to: \"" + text + "\" is no SIP URI");
  return flow_to({std::string(uri->host), uri->port == 0 ? kSipPort : uri->port});
}

sdp::Security to_sdp(directory::SoundSecurity security) {
  switch (security) {
    case directory::SoundSecurity::Plain: return sdp::Security::None;
    case directory::SoundSecurity::Sdes: return sdp::Security::Sdes;
    case directory::SoundSecurity::Dtls: break;
  }
  return sdp::Security::Dtls;
}

// What speaks SIP over WebSocket is a browser, or wants to be taken for one.
sdp::Security security_of(const directory::Phone& phone, const sip::Flow& flow) {
  const bool browser = flow.protocol == sip::Protocol::Ws || flow.protocol == sip::Protocol::Wss;
  return browser ? sdp::Security::Dtls : to_sdp(phone.security);
}

std::string formatted(const directory::Trunk& trunk, const std::string& digits) {
  return trunk.format == directory::NumberFormat::Plus ? "+" + digits : digits;
}

}  // namespace

Result<std::vector<Gateway::Target>> Gateway::targets_of(const call::DialRequest& request) {
  if (!directory_) return fail(ErrorCode::Unreachable, "to: the directory is empty");
  const auto account = base::parse_id<directory::AccountId>(request.origin.account);
  const directory::Decision decision = directory::route(*directory_, request.to, account, ports_.random);
  std::vector<Target> targets;
  if (const auto* refused = std::get_if<directory::Refuse>(&decision.route)) {
    return fail(ErrorCode::NotFound, refused->detail);
  }
  if (const auto* ring = std::get_if<directory::RingPhone>(&decision.route)) {
    const directory::Phone* phone = directory_->phone(ring->phone);
    if (ports_.phones == nullptr) return fail(ErrorCode::Unreachable, "to: no phone is registered");
    for (const PhoneLocator::Contact& contact : ports_.phones->contacts(phone->user)) {
      targets.push_back({contact.uri, contact.flow, true, {}, {}, security_of(*phone, contact.flow)});
    }
    if (targets.empty())
      return fail(ErrorCode::Unreachable, "to: phone \"" + phone->user + "\" is not registered");
    return targets;
  }
  if (const auto* uri = std::get_if<directory::CallUri>(&decision.route)) {
    auto flow = flow_of_uri(uri->uri);
    if (!flow) return fail(flow.error());
    targets.push_back({uri->uri, *flow, false, {}, {}});
    return targets;
  }
  if (const auto* use = std::get_if<directory::UseTrunks>(&decision.route)) {
    for (const directory::TrunkId id : use->in_order) {
      const directory::Trunk* trunk = directory_->trunk(id);
      for (const std::string& host : trunk->hosts) {
        const std::string uri = "sip:" + formatted(*trunk, use->number) + "@" + host;
        auto flow = flow_of_uri(uri);
        if (!flow) return fail(flow.error());
        targets.push_back({uri, *flow, false, trunk->user, trunk->password, to_sdp(trunk->security)});
      }
    }
    return targets;
  }
  return fail(ErrorCode::Unsupported, "to: a number of this server cannot be dialled from inside it");
}

}  // namespace sotto::telephony
