#include "directory/ip_range.h"

#include <charconv>
#include <cstring>
#include <string>

#include <arpa/inet.h>

namespace sotto::directory {
namespace {

constexpr int kMappedBits = 96;

// The address in mapped form; `mapped` tells whether it was written as IPv4.
bool parse_address(const std::string& text, std::array<uint8_t, 16>& out, bool& mapped) {
  in_addr v4{};
  mapped = ::inet_pton(AF_INET, text.c_str(), &v4) == 1;
  if (!mapped) return ::inet_pton(AF_INET6, text.c_str(), out.data()) == 1;
  out.fill(0);
  out[10] = out[11] = 0xff;
  std::memcpy(out.data() + 12, &v4, 4);
  return true;
}

}  // namespace

Result<IpRange> parse_ip_range(std::string_view text) {
  const size_t slash = text.find('/');
  IpRange range;
  bool mapped = false;
  if (!parse_address(std::string(text.substr(0, slash)), range.address, mapped)) {
    return fail(ErrorCode::Invalid, "\"" + std::string(text) + "\" is no IP address or CIDR range");
  }
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits < 0 ||
      bits > (mapped ? 32 : 128)) {
    return fail(ErrorCode::OutOfRange, "\"" + std::string(text) + "\": prefix length out of range");
  }
  range.bits = mapped ? bits + kMappedBits : bits;
  return range;
}

bool contains(const IpRange& range, std::string_view ip_address) {
  std::array<uint8_t, 16> address{};
  bool mapped = false;
  if (!parse_address(std::string(ip_address), address, mapped)) return false;
  const auto whole = static_cast<size_t>(range.bits / 8);
  if (std::memcmp(address.data(), range.address.data(), whole) != 0) return false;
  const int rest = range.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (address[whole] & mask) == (range.address[whole] & mask);
}

}  // namespace sotto::directory
