#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>

#include "base/result.h"

namespace sotto::media {

// An IP address and port in the form the kernel takes: plain bytes, fit for a media turn.
class SocketAddress {
 public:
  constexpr SocketAddress() = default;
  // A literal IPv4 or IPv6 address; never asks DNS.
  static Result<SocketAddress> parse(std::string_view ip, uint16_t port);
  static SocketAddress from_raw(const sockaddr* raw, socklen_t length) noexcept;

  bool valid() const noexcept { return length_ != 0; }
  const sockaddr* raw() const noexcept { return reinterpret_cast<const sockaddr*>(bytes_.data()); }
  socklen_t length() const noexcept { return length_; }
  int family() const noexcept;
  uint16_t port() const noexcept;
  SocketAddress with_port(uint16_t port) const noexcept;
  std::string ip() const;
  std::string text() const;  // 192.0.2.1:4000, [2001:db8::1]:4000

  bool operator==(const SocketAddress& other) const noexcept;

 private:
  static constexpr size_t kBytes = 28;  // sockaddr_in6
  alignas(8) std::array<std::byte, kBytes> bytes_{};
  socklen_t length_ = 0;
};

// From here on a UDP socket exchanges packets with that address alone; if it is not valid, with anybody
// again.
bool connect_udp(int socket, const SocketAddress& far) noexcept;

}  // namespace sotto::media
