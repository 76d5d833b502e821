#include "telephony/host_spec.h"

#include "sip/scan.h"

namespace sotto::telephony {
namespace {

std::optional<sip::Protocol> protocol_named(std::string_view name) {
  for (const auto protocol : {sip::Protocol::Udp, sip::Protocol::Tcp, sip::Protocol::Tls}) {
    if (sip::iequals(to_string(protocol), name)) return protocol;
  }
  return std::nullopt;
}

}  // namespace

Result<HostSpec> parse_host_spec(std::string_view text) {
  const std::string uri_text = "sip:" + std::string(text);
  const auto uri = sip::parse_uri(uri_text);
  const auto refuse = [&](const char* why) {
    return fail(ErrorCode::Invalid, "host: \"" + std::string(text) + "\" " + why);
  };
  if (!uri || !uri->user.empty() || uri->host.empty() || !uri->headers.empty())
    return refuse("is not host[:port][;transport=udp|tcp|tls]");
  const auto transport = sip::find_param(uri->params, "transport");
  if (transport && !protocol_named(*transport))
    return refuse("names a transport that is none of udp, tcp, tls");
  return host_spec_of(*uri);
}

HostSpec host_spec_of(const sip::Uri& uri) {
  HostSpec spec{std::string(uri.host), uri.port, std::nullopt};
  if (const auto transport = sip::find_param(uri.params, "transport"))
    spec.transport = protocol_named(*transport);
  if (!spec.transport && uri.scheme == sip::Scheme::Sips) spec.transport = sip::Protocol::Tls;
  return spec;
}

std::string to_string(const HostSpec& spec) {
  std::string out = spec.host;
  if (spec.port != 0) out += ":" + std::to_string(spec.port);
  if (!spec.transport || *spec.transport == sip::Protocol::Udp) return out;
  out += ";transport=";
  for (const char c : to_string(*spec.transport)) out += sip::to_lower(c);
  return out;
}

uint16_t default_port(sip::Protocol protocol) {
  return protocol == sip::Protocol::Tls ? 5061 : 5060;
}

std::optional<sip::Flow> literal_flow(const HostSpec& spec) {
  const auto protocol = spec.transport.value_or(sip::Protocol::Udp);
  const uint16_t port = spec.port != 0 ? spec.port : default_port(protocol);
  const auto address = sip::parse_ip(spec.host == "localhost" ? "127.0.0.1" : spec.host, port);
  if (!address) return std::nullopt;
  return sip::Flow{protocol, 0, *address};
}

}  // namespace sotto::telephony
