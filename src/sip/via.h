#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "sip/address.h"
#include "sip/scan.h"

namespace sotto::sip {

// One Via value (RFC 3261 §20.42, RFC 3581). Views into the header's value.
struct Via {
  std::string_view text;
  std::string_view version;   // "2.0"
  std::string_view protocol;  // "UDP", "TCP", anything
  std::string_view host;
  std::string_view params;
  std::string_view branch;
  uint16_t port = 0;  // 0: none given
  bool rport = false;

  // Whether the branch is unique as RFC 3261 promises; without it, requests are matched as in RFC 2543.
  bool has_magic_branch() const { return branch.size() > 7 && branch.starts_with("z9hG4bK"); }
};

Result<Via> take_via(Scanner& scanner);
// Where the answer to a request goes that came by `flow` with that topmost Via: a datagram without rport is
// answered at the port in its Via (RFC 3261 §18.2.2, RFC 3581).
Flow reply_flow(const Via& via, const Flow& flow);
// Checks every value in the header and returns the first.
Result<Via> parse_first_via(std::string_view value);
template <std::same_as<std::string> Text>
Result<Via> parse_first_via(Text&& temporary) = delete;

}  // namespace sotto::sip
