#include "sip/uri.h"

#include <algorithm>

#include "sip/address.h"
#include "sip/scan.h"

namespace sotto::sip {
namespace {

auto invalid(const char* detail) {
  return fail(ErrorCode::Invalid, detail);
}

// host [":" port], all of `text`.
bool parse_host_port(std::string_view text, Uri& uri) {
  size_t host_size = text.find(':');
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || !parse_ip(text.substr(0, close + 1))) return false;
    host_size = close + 1;
  }
  uri.host = text.substr(0, host_size);
  if (!uri.host.starts_with('[') && !all_in(uri.host, kHost)) return false;
  if (host_size >= text.size()) return true;
  if (text[host_size] != ':') return false;
  const auto port = parse_number(text.substr(host_size + 1), 65535);
  if (!port || *port == 0) return false;
  uri.port = static_cast<uint16_t>(*port);
  return true;
}

// ";name[=value]"*, each name and value of parameter characters.
bool params_are_valid(std::string_view params) {
  while (!params.empty()) {
    params.remove_prefix(1);
    const size_t end = std::min(params.find(';'), params.size());
    const std::string_view one = params.substr(0, end);
    const size_t equals = std::min(one.find('='), one.size());
    if (equals == 0 || !all_escaped_in(one.substr(0, equals), kUriParam)) return false;
    if (equals < one.size() && !all_escaped_in(one.substr(equals + 1), kUriParam)) return false;
    params.remove_prefix(end);
  }
  return true;
}

// name=value("&" name=value)*
bool headers_are_valid(std::string_view headers) {
  while (true) {
    const size_t end = std::min(headers.find('&'), headers.size());
    const std::string_view one = headers.substr(0, end);
    const size_t equals = one.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    if (!all_escaped_in(one.substr(0, equals), kUriHeader) ||
        !all_escaped_in(one.substr(equals + 1), kUriHeader))
      return false;
    if (end == headers.size()) return true;
    headers.remove_prefix(end + 1);
  }
}

Result<Uri> parse_sip(std::string_view rest, Uri uri) {
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    const std::string_view user_info = rest.substr(0, at);
    if (!all_escaped_in(user_info, kUser)) return invalid("uri: bad character in user");
    const size_t colon = std::min(user_info.find(':'), user_info.size());
    uri.user = user_info.substr(0, colon);
    if (colon < user_info.size()) uri.password = user_info.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  const size_t host_end = std::min(rest.find_first_of(";?"), rest.size());
  if (!parse_host_port(rest.substr(0, host_end), uri)) return invalid("uri: bad host or port");
  rest.remove_prefix(host_end);
  const size_t question = std::min(rest.find('?'), rest.size());
  uri.params = rest.substr(0, question);
  if (!params_are_valid(uri.params)) return invalid("uri: bad parameter");
  if (question == rest.size()) return uri;
  uri.headers = rest.substr(question + 1);
  if (!headers_are_valid(uri.headers)) return invalid("uri: bad header");
  return uri;
}

Result<Uri> parse_tel(std::string_view rest, Uri uri) {
  const size_t end = std::min(rest.find(';'), rest.size());
  uri.user = rest.substr(0, end);
  uri.params = rest.substr(end);
  if (uri.user.empty() || !params_are_valid(uri.params)) return invalid("uri: bad telephone number");
  for (const char c : uri.user) {
    if (!is_digit(c) && std::string_view("+-.()*#ABCDabcdEeFf").find(c) == std::string_view::npos) {
      return invalid("uri: bad telephone number");
    }
  }
  return uri;
}

bool params_match(const Uri& a, const Uri& b) {
  // These never match when only one URI has them; any other parameter counts only if both do.
  for (const std::string_view name : {"transport", "user", "ttl", "method", "maddr"}) {
    if (find_param(a.params, name).has_value() != find_param(b.params, name).has_value()) return false;
  }
  // One that is there twice, which RFC 3261 forbids, is what it is first.
  std::string_view left = a.params;
  while (!left.empty()) {
    left.remove_prefix(1);
    const size_t end = std::min(left.find(';'), left.size());
    const std::string_view one = left.substr(0, end);
    const size_t equals = std::min(one.find('='), one.size());
    const auto mine = find_param(a.params, one.substr(0, equals));
    const auto other = find_param(b.params, one.substr(0, equals));
    if (mine && other && !iequals(unescape_percent(*mine), unescape_percent(*other))) return false;
    left.remove_prefix(end);
  }
  return true;
}

}  // namespace

Result<Uri> parse_uri(std::string_view text) {
  Uri uri{.text = text};
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front()))
    return invalid("uri: no scheme");
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (iequals(scheme, "sip")) uri.scheme = Scheme::Sip;
  if (iequals(scheme, "sips")) uri.scheme = Scheme::Sips;
  if (iequals(scheme, "tel")) uri.scheme = Scheme::Tel;
  if (uri.is_sip()) return parse_sip(rest, uri);
  if (uri.scheme == Scheme::Tel) return parse_tel(rest, uri);
  for (const char c : scheme) {
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return invalid("uri: bad scheme");
  }
  if (rest.empty()) return invalid("uri: nothing after the scheme");
  for (const char c : rest) {
    if (c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f) return invalid("uri: bad character");
  }
  return uri;
}

bool equivalent(const Uri& a, const Uri& b) {
  if (a.scheme != b.scheme) return false;
  if (!a.is_sip()) return a.text == b.text;
  return unescape_percent(a.user) == unescape_percent(b.user) && a.password == b.password &&
         iequals(a.host, b.host) && a.port == b.port && params_match(a, b) && a.headers == b.headers;
}

}  // namespace sotto::sip
