#include "media/address.h"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace sotto::media {

static_assert(sizeof(sockaddr_in6) == 28);

Result<SocketAddress> SocketAddress::parse(std::string_view ip, uint16_t port) {
  const std::string text(ip);
  sockaddr_in v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return from_raw(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return from_raw(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
  }
  return fail(ErrorCode::Invalid, "not an IP address: '" + text + "'");
}

SocketAddress SocketAddress::from_raw(const sockaddr* raw, socklen_t length) noexcept {
  SocketAddress address;
  if (length > kBytes) length = kBytes;
  std::memcpy(address.bytes_.data(), raw, length);
  address.length_ = length;
  return address;
}

int SocketAddress::family() const noexcept {
  return valid() ? raw()->sa_family : AF_UNSPEC;
}

uint16_t SocketAddress::port() const noexcept {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(raw())->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(raw())->sin6_port);
  return 0;
}

SocketAddress SocketAddress::with_port(uint16_t port) const noexcept {
  SocketAddress other = *this;
  auto* const raw = reinterpret_cast<sockaddr*>(other.bytes_.data());
  if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(raw)->sin_port = htons(port);
  if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(raw)->sin6_port = htons(port);
  return other;
}

std::string SocketAddress::ip() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(raw())->sin_addr, text, sizeof(text));
  } else if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(raw())->sin6_addr, text, sizeof(text));
  }
  return text;
}

std::string SocketAddress::text() const {
  const std::string name = family() == AF_INET6 ? "[" + ip() + "]" : ip();
  return name + ":" + std::to_string(port());
}

bool SocketAddress::operator==(const SocketAddress& other) const noexcept {
  if (family() != other.family()) return false;
  if (family() == AF_INET) {
    const auto& a = *reinterpret_cast<const sockaddr_in*>(raw());
    const auto& b = *reinterpret_cast<const sockaddr_in*>(other.raw());
    return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
  }
  if (family() == AF_INET6) {
    const auto& a = *reinterpret_cast<const sockaddr_in6*>(raw());
    const auto& b = *reinterpret_cast<const sockaddr_in6*>(other.raw());
    return a.sin6_port == b.sin6_port && a.sin6_scope_id == b.sin6_scope_id &&
           std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof(a.sin6_addr)) == 0;
  }
  return true;
}

bool connect_udp(int socket, const SocketAddress& far) noexcept {
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  return (far.valid() ? ::connect(socket, far.raw(), far.length())
                      : ::connect(socket, &nobody, sizeof(nobody))) == 0;
}

}  // namespace sotto::media
