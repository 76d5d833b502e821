#include "telephony/ways.h"

#include "directory/route.h"
#include "telephony/addresses.h"
#include "telephony/identity.h"

namespace sotto::telephony {
namespace {

directory::Decision decide(const call::DialRequest& request, const WayOptions& options) {
  const auto account = base::parse_id<directory::AccountId>(request.origin.account);
  return directory::route(options.directory, request.to, account, options.random);
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

Way way_to_host(const HostSpec& host, std::string uri, const directory::Trunk* trunk) {
  Way way;
  if (trunk != nullptr) {
    way.trunk = trunk->id;
    way.security = to_sdp(trunk->security);
  }
  way.uri = std::move(uri);
  if (const auto flow = literal_flow(host)) {
    way.together.push_back({way.uri, *flow, false, way.security});
  } else {
    way.host = host;
  }
  return way;
}

struct Finder {
  const call::DialRequest& request;
  const WayOptions& options;
  using Ways = Result<std::vector<Way>>;

  Ways operator()(const directory::Refuse& refused) const {
    return fail(ErrorCode::NotFound, refused.detail);
  }

  Ways operator()(const directory::RingPhone& ring) const {
    const directory::Phone& phone = *options.directory.phone(ring.phone);
    Way way;
    if (options.phones != nullptr) {
      for (const PhoneLocator::Contact& contact : options.phones->contacts(phone.user))
        way.together.push_back({contact.uri, contact.flow, true, security_of(phone, contact.flow)});
    }
    if (way.together.empty())
      return fail(ErrorCode::Unreachable, "to: phone \"" + phone.user + "\" is not registered");
    return std::vector<Way>{std::move(way)};
  }

  Ways operator()(const directory::CallUri& call) const {
    const auto uri = sip::parse_uri(call.uri);
    if (!uri || !uri->is_sip()) return fail(ErrorCode::Invalid, "to: \"" + call.uri + "\" is no SIP URI");
    return std::vector<Way>{way_to_host(host_spec_of(*uri), call.uri, nullptr)};
  }

  Ways operator()(const directory::UseTrunks& use) const {
    std::vector<Way> ways;
    for (const directory::TrunkId id : use.in_order) {
      const directory::Trunk& trunk = *options.directory.trunk(id);
      const std::string user = user_towards({base::Address::Kind::Number, use.number, {}}, &trunk);
      for (const std::string& text : trunk.hosts) {
        const auto host = parse_host_spec(text);
        if (!host) return fail(host.error().code, "trunk \"" + trunk.name + "\": " + host.error().detail);
        ways.push_back(way_to_host(*host, "sip:" + user + "@" + to_string(*host), &trunk));
      }
    }
    return ways;
  }

  // A leg that loops back into us is a call to ourselves, so that its far side is an inbound leg like any
  // other.
  Ways loop() const {
    Way way;
    way.loops = true;
    sip::Flow flow;
    flow.peer = options.loop;
    way.together.push_back({"sip:" + user_part(request.to) + "@" + sip::to_string(options.loop), flow, false,
                            sdp::Security::None});
    return std::vector<Way>{std::move(way)};
  }
  Ways operator()(const directory::RunProgram&) const { return loop(); }
  Ways operator()(const directory::Forward&) const { return loop(); }
};

}  // namespace

Result<std::vector<Way>> ways_to(const call::DialRequest& request, const WayOptions& options) {
  return std::visit(Finder{request, options}, decide(request, options).route);
}

call::FarEnd far_end_of(const call::DialRequest& request, const WayOptions& options) {
  call::FarEnd far;
  const directory::Decision decision = decide(request, options);
  if (const auto* ring = std::get_if<directory::RingPhone>(&decision.route))
    far.extension = options.directory.phone(ring->phone)->extension;
  if (std::holds_alternative<directory::RunProgram>(decision.route) ||
      std::holds_alternative<directory::Forward>(decision.route))
    far.medium = call::Medium::Loop;
  return far;
}

}  // namespace sotto::telephony
