#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::sip {

// An IP address and port. IPv4 keeps its four bytes in front.
struct Address {
  std::array<uint8_t, 16> bytes{};
  uint16_t port = 0;
  bool v6 = false;

  auto operator<=>(const Address&) const = default;
  bool same_host(const Address& other) const { return v6 == other.v6 && bytes == other.bytes; }
  // Private, link-local, loopback or carrier-grade NAT: not to be reached from outside.
  bool is_private() const;
};

// "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nullopt for names.
std::optional<Address> parse_ip(std::string_view text, uint16_t port = 0);
std::string ip_text(const Address& address);    // without brackets and port
std::string to_string(const Address& address);  // "192.0.2.1:5060", "[2001:db8::1]:5060"

enum class Protocol : uint8_t { Udp, Tcp, Tls, Ws, Wss };
std::string_view to_string(Protocol protocol);  // as in Via: "UDP", "TCP", ...
constexpr bool is_stream(Protocol protocol) {
  return protocol != Protocol::Udp;
}

// Where bytes come from and go to. `connection` names the shell's stream connection (or UDP socket); 0 on a
// stream means "any connection to `peer`, open one if need be".
struct Flow {
  Protocol protocol = Protocol::Udp;
  uint32_t connection = 0;
  Address peer;

  bool operator==(const Flow&) const = default;
};

}  // namespace sotto::sip

template <>
struct std::hash<sotto::sip::Address> {
  size_t operator()(const sotto::sip::Address& address) const noexcept;
};
