#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/scan.h"
#include "sip/uri.h"

namespace sotto::sip {

// One value of From, To, Contact, Route, Refer-To, P-Asserted-Identity and their like. Views into the
// header's value.
struct NameAddr {
  std::string_view text;     // the whole value
  std::string_view display;  // as written, with quotes; unquote() gives the name
  std::string_view params;   // header parameters, from the first ";"
  Uri uri;

  std::string_view tag() const { return find_param(params, "tag").value_or(std::string_view{}); }
};

// Takes one value and leaves the scanner behind it. The bare form may not hold "?" or spaces (RFC 3261
// §20.10).
Result<NameAddr> take_name_addr(Scanner& scanner);
Result<NameAddr> parse_name_addr(std::string_view value);                           // exactly one
Result<void> parse_name_addrs(std::string_view value, std::vector<NameAddr>& out);  // one or more, appended
template <std::same_as<std::string> Text>
Result<NameAddr> parse_name_addr(Text&& temporary) = delete;
template <std::same_as<std::string> Text>
Result<void> parse_name_addrs(Text&& temporary, std::vector<NameAddr>& out) = delete;

}  // namespace sotto::sip
