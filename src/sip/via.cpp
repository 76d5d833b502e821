#include "sip/via.h"

#include "sip/address.h"

namespace sotto::sip {
namespace {

bool take_host_port(Scanner& scanner, Via& via) {
  const size_t start = scanner.position();
  if (scanner.take('[')) {
    scanner.take_until("]");
    if (!scanner.take(']')) return false;
    via.host = scanner.since(start);
    if (!parse_ip(via.host)) return false;
  } else {
    via.host = scanner.take_while(kHost);
    if (via.host.empty()) return false;
  }
  if (!scanner.take_separator(':')) return true;
  const auto port = parse_number(scanner.take_token(), 65535);
  if (!port || *port == 0) return false;
  via.port = static_cast<uint16_t>(*port);
  return true;
}

}  // namespace

Result<Via> take_via(Scanner& scanner) {
  Via via;
  scanner.skip_spaces();
  const size_t start = scanner.position();
  const std::string_view name = scanner.take_token();
  if (!iequals(name, "SIP") || !scanner.take_separator('/'))
    return fail(ErrorCode::Invalid, "via: bad protocol");
  via.version = scanner.take_token();
  if (via.version.empty() || !scanner.take_separator('/'))
    return fail(ErrorCode::Invalid, "via: bad version");
  via.protocol = scanner.take_token();
  if (via.protocol.empty() || !is_space(scanner.peek()))
    return fail(ErrorCode::Invalid, "via: bad transport");
  scanner.skip_spaces();
  if (!take_host_port(scanner, via)) return fail(ErrorCode::Invalid, "via: bad host or port");
  const auto params = scanner.take_params();
  if (!params) return fail(ErrorCode::Invalid, "via: bad parameter");
  via.params = *params;
  via.branch = find_param(via.params, "branch").value_or(std::string_view{});
  via.rport = find_param(via.params, "rport").has_value();
  via.text = scanner.since(start);
  return via;
}

Result<Via> parse_first_via(std::string_view value) {
  Scanner scanner(value);
  auto first = take_via(scanner);
  if (!first) return first;
  while (scanner.next_item()) {
    auto next = take_via(scanner);
    if (!next) return next;
  }
  if (scanner.failed()) return fail(ErrorCode::Invalid, "via: text after the value");
  return first;
}

Flow reply_flow(const Via& via, const Flow& flow) {
  Flow reply = flow;
  if (flow.protocol == Protocol::Udp && !via.rport)
    reply.peer.port = via.port != 0 ? via.port : uint16_t{5060};
  return reply;
}

}  // namespace sotto::sip
