#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::sip {

enum class Scheme : uint8_t { Sip, Sips, Tel, Other };

// Views into the text it was parsed from. `user` and all parts are as written, percent signs included.
struct Uri {
  std::string_view text;
  std::string_view user;  // with ":password" cut off; for tel: the number
  std::string_view password;
  std::string_view host;     // "[2001:db8::1]" keeps its brackets
  std::string_view params;   // from the first ";"
  std::string_view headers;  // after "?"
  uint16_t port = 0;         // 0: none given
  Scheme scheme = Scheme::Other;

  bool is_sip() const { return scheme == Scheme::Sip || scheme == Scheme::Sips; }
};

// RFC 3261 §19.1, RFC 3966. Any other scheme is accepted whole as Other.
Result<Uri> parse_uri(std::string_view text);
template <std::same_as<std::string> Text>
Result<Uri> parse_uri(Text&& temporary) = delete;

// RFC 3261 §19.1.4, for SIP URIs; others by their text.
bool equivalent(const Uri& a, const Uri& b);

}  // namespace sotto::sip
