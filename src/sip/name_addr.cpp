#include "sip/name_addr.h"

namespace sotto::sip {
namespace {

auto invalid(const char* detail) {
  return fail(ErrorCode::Invalid, detail);
}

// Optional quoted string or tokens, up to "<". False if neither.
bool take_display(Scanner& scanner, NameAddr& out) {
  if (scanner.peek() == '"') {
    out.display = scanner.take_quoted();
    scanner.skip_spaces();
    return !out.display.empty() && scanner.peek() == '<';
  }
  const size_t start = scanner.position();
  while (!scanner.take_token().empty()) scanner.skip_spaces();
  out.display = trim(scanner.since(start));
  return scanner.peek() == '<';
}

}  // namespace

Result<NameAddr> take_name_addr(Scanner& scanner) {
  NameAddr out;
  scanner.skip_spaces();
  const size_t start = scanner.position();
  Scanner ahead = scanner;
  std::string_view uri_text;
  bool bracketed = take_display(ahead, out);
  if (bracketed) {
    scanner = ahead;
    scanner.take('<');
    uri_text = scanner.take_until("> \t<\"");
    if (!scanner.take('>')) return invalid("address: no closing bracket");
  } else {
    out.display = {};
    uri_text = scanner.take_until(";, \t?<>\"");
    if (scanner.peek() == '?') return invalid("address: a URI with headers needs brackets");
  }
  auto uri = parse_uri(uri_text);
  if (!uri) return fail(std::move(uri.error()));
  out.uri = *uri;
  const auto params = scanner.take_params();
  if (!params) return invalid("address: bad parameter");
  out.params = *params;
  out.text = scanner.since(start);
  return out;
}

Result<NameAddr> parse_name_addr(std::string_view value) {
  Scanner scanner(value);
  auto address = take_name_addr(scanner);
  scanner.skip_spaces();
  if (address && !scanner.at_end()) return invalid("address: text after the value");
  return address;
}

Result<void> parse_name_addrs(std::string_view value, std::vector<NameAddr>& out) {
  Scanner scanner(value);
  do {
    auto address = take_name_addr(scanner);
    if (!address) return fail(std::move(address.error()));
    out.push_back(*address);
  } while (scanner.next_item());
  if (scanner.failed()) return invalid("address: text after the value");
  return {};
}

}  // namespace sotto::sip
