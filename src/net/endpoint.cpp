#include "net/endpoint.h"

#include <charconv>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sotto::net {
namespace {

struct Range {
  uint32_t network;
  int prefix_bits;
};

// IANA's special-purpose registry (RFC 6890), the part that a public service is never at.
constexpr Range kPrivateV4[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8}, {0xA9FE0000, 16}, {0xAC100000, 12},
    {0xC0000000, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xE0000000, 4}, {0xF0000000, 4},
};

bool is_private_v4(const asio::ip::address_v4& address) {
  const uint32_t bits = address.to_uint();
  for (const Range& range : kPrivateV4) {
    if ((bits ^ range.network) >> (32 - range.prefix_bits) == 0) return true;
  }
  return false;
}

bool is_private_v6(const asio::ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  const bool starts_with_zeros =
      std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; });
  const auto last_four = [&] { return asio::ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]}); };
  if (starts_with_zeros && bytes[10] == 0xFF && bytes[11] == 0xFF) return is_private_v4(last_four());
  if (starts_with_zeros) return true;  // unspecified, loopback, the deprecated compatible form
  // NAT64's well-known prefix carries an IPv4 address (RFC 6052).
  if (bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xFF && bytes[3] == 0x9B)
    return is_private_v4(last_four());
  return (bytes[0] & 0xFE) == 0xFC || (bytes[0] == 0xFE && (bytes[1] & 0x80) != 0) || bytes[0] == 0xFF;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const std::string address = endpoint.address.to_string();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorCode::Invalid, "'" + std::string(text) + "' is not ADDRESS:PORT, as in 127.0.0.1:8080");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  const std::string_view digits = text.substr(colon + 1);
  Endpoint endpoint;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return refuse();
  std::string_view host = text.substr(0, colon);
  if (host == "*") host = "[::]";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code failure;
  endpoint.address = asio::ip::make_address(std::string(host), failure);
  if (failure || endpoint.address.is_v6() != bracketed) return refuse();
  return endpoint;
}

bool is_private(const Address& address) {
  return address.is_v4() ? is_private_v4(address.to_v4()) : is_private_v6(address.to_v6());
}

Result<Address> source_address(const Endpoint& to) {
  asio::io_context context;
  asio::ip::udp::socket socket(context);
  boost::system::error_code error;
  socket.connect({to.address, to.port == 0 ? uint16_t{9} : to.port}, error);
  if (error) return fail(ErrorCode::Unreachable, to.address.to_string() + ": " + error.message());
  return socket.local_endpoint().address();
}

Endpoint endpoint_of(const sockaddr& raw) {
  if (raw.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    return {asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  if (raw.sa_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
  asio::ip::address_v6::bytes_type bytes;
  std::copy_n(v6.sin6_addr.s6_addr, bytes.size(), bytes.begin());
  const asio::ip::address_v6 address(bytes, v6.sin6_scope_id);
  if (address.is_v4_mapped())
    return {asio::ip::make_address_v4(asio::ip::v4_mapped, address), ntohs(v6.sin6_port)};
  return {address, ntohs(v6.sin6_port)};
}

}  // namespace sotto::net
