#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sotto::directory {

// An address or CIDR range, IPv4 kept as IPv4-mapped IPv6 so that one comparison serves both.
struct IpRange {
  std::array<uint8_t, 16> address{};
  int bits = 128;  // of the mapped form
};

Result<IpRange> parse_ip_range(std::string_view text);  // "192.0.2.0/24", "2001:db8::1"
bool contains(const IpRange& range, std::string_view ip_address);

}  // namespace sotto::directory
