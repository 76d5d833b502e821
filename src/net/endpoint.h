#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "base/result.h"
#include "net/asio.h"

struct sockaddr;

namespace sotto::net {

using Address = asio::ip::address;

// Where a socket is, or should go. Port 0 asks the system to choose.
struct Endpoint {
  Address address;
  uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

std::string to_string(const Endpoint& endpoint);  // 192.0.2.1:5060, [2001:db8::1]:5060

// A literal address with a port: "127.0.0.1:8080", "[::1]:8080", "*:80" (every IPv4 and IPv6 address). Never
// asks DNS.
Result<Endpoint> parse_endpoint(std::string_view text);

// Whether an address belongs to this machine or network, or to nobody: loopback, RFC 1918, link-local (with
// the clouds' metadata service), carrier-grade NAT, unique-local, multicast, unspecified and reserved, also
// when mapped into IPv6.
bool is_private(const Address& address);

// The address of ours that datagrams to `to` come from. Sends nothing. Unreachable: there is no route.
Result<Address> source_address(const Endpoint& to);

// The address in a C socket address; an unknown family gives the unspecified address.
Endpoint endpoint_of(const sockaddr& raw);

}  // namespace sotto::net
