#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/address.h"
#include "sip/uri.h"

namespace sotto::telephony {

// Where SIP is to be sent, before any name is asked for: "host[:port][;transport=tls]" of a trunk, or a
// URI's.
struct HostSpec {
  std::string host;   // a name, or an address with brackets if it is IPv6
  uint16_t port = 0;  // 0: none given
  std::optional<sip::Protocol> transport;

  bool operator==(const HostSpec&) const = default;
};

Result<HostSpec> parse_host_spec(std::string_view text);
HostSpec host_spec_of(const sip::Uri& uri);
// The part of a URI behind "@": as it was given.
std::string to_string(const HostSpec& spec);

uint16_t default_port(sip::Protocol protocol);
// The flow to a host that is an address (or "localhost"); nullopt for a name.
std::optional<sip::Flow> literal_flow(const HostSpec& spec);

}  // namespace sotto::telephony
