#include "sip/address.h"

#include <cstring>

#include "sip/scan.h"

namespace sotto::sip {
namespace {

std::optional<Address> parse_v4(std::string_view text) {
  Address address;
  for (size_t i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot > 3) return std::nullopt;
    const auto value = parse_number(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    address.bytes[i] = static_cast<uint8_t>(*value);
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return address;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Fills groups of two bytes; `gap` is where "::" stood.
struct V6Groups {
  std::array<uint8_t, 16> bytes{};
  size_t used = 0;
  std::optional<size_t> gap;
};

bool add_group(V6Groups& groups, std::string_view text) {
  if (text.empty() || text.size() > 4 || groups.used > 14) return false;
  int value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    value = value * 16 + digit;
  }
  groups.bytes[groups.used++] = static_cast<uint8_t>(value >> 8);
  groups.bytes[groups.used++] = static_cast<uint8_t>(value);
  return true;
}

bool read_groups(std::string_view text, V6Groups& groups) {
  if (text.starts_with("::")) {
    groups.gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos && text.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(text);
      if (!v4 || groups.used > 12) return false;
      std::memcpy(groups.bytes.data() + groups.used, v4->bytes.data(), 4);
      groups.used += 4;
      return true;
    }
    if (!add_group(groups, text.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
    if (text.front() != ':') continue;
    if (groups.gap) return false;
    groups.gap = groups.used;
    text.remove_prefix(1);
  }
  return true;
}

std::optional<Address> parse_v6(std::string_view text) {
  V6Groups groups;
  if (!read_groups(text, groups)) return std::nullopt;
  if (!groups.gap && groups.used != 16) return std::nullopt;
  if (groups.gap && groups.used > 14) return std::nullopt;
  Address address{.v6 = true};
  const size_t head = groups.gap.value_or(16);
  const size_t tail = groups.used - std::min(head, groups.used);
  std::memcpy(address.bytes.data(), groups.bytes.data(), std::min(head, groups.used));
  std::memcpy(address.bytes.data() + 16 - tail, groups.bytes.data() + groups.used - tail, tail);
  return address;
}

}  // namespace

bool Address::is_private() const {
  if (v6)
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) ||
           same_host(*parse_v6("::1"));
  return bytes[0] == 10 || bytes[0] == 127 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
         (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254) ||
         (bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
}

std::optional<Address> parse_ip(std::string_view text, uint16_t port) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  auto address = text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
  if (address) address->port = port;
  return address;
}

std::string ip_text(const Address& address) {
  std::string out;
  if (!address.v6) {
    for (size_t i = 0; i < 4; ++i) {
      if (i > 0) out += '.';
      out += std::to_string(address.bytes[i]);
    }
    return out;
  }
  constexpr char kHex[] = "0123456789abcdef";
  // The longest run of zero groups becomes "::" (RFC 5952).
  size_t best = 8, best_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t length = 0;
    while (i + length < 8 && address.bytes[2 * (i + length)] == 0 && address.bytes[2 * (i + length) + 1] == 0)
      ++length;
    if (length > best_length) best = i, best_length = length;
  }
  for (size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    const unsigned group = static_cast<unsigned>(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = group >> shift & 15;
      started = started || digit != 0 || shift == 0;
      if (started) out += kHex[digit];
    }
  }
  return out;
}

std::string to_string(const Address& address) {
  std::string out = address.v6 ? "[" + ip_text(address) + "]" : ip_text(address);
  out += ':';
  out += std::to_string(address.port);
  return out;
}

std::string_view to_string(Protocol protocol) {
  constexpr std::string_view kNames[] = {"UDP", "TCP", "TLS", "WS", "WSS"};
  return kNames[static_cast<size_t>(protocol)];
}

}  // namespace sotto::sip

size_t std::hash<sotto::sip::Address>::operator()(const sotto::sip::Address& address) const noexcept {
  uint64_t high = 0, low = 0;
  std::memcpy(&high, address.bytes.data(), 8);
  std::memcpy(&low, address.bytes.data() + 8, 8);
  return (high ^ (low * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull + address.port;
}
