#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// URIs (RFC 3986) as webhooks, files and WebSockets use them. SIP addresses have their own parser in sip.
namespace sotto::text {

// Percent-encoded parts as they stand in the text; scheme and host in lower case.
struct Uri {
  std::string scheme;
  std::optional<std::string> user_info;
  std::string host;  // an IPv6 literal keeps its brackets
  std::optional<uint16_t> port;
  bool has_authority = false;
  std::string path;
  std::optional<std::string> query;
  std::optional<std::string> fragment;

  // What an HTTP request line carries: path ("/" when empty) and query.
  std::string target() const;
  // The port in the text, or the scheme's own (http, https, ws, wss); 0 when there is none.
  uint16_t effective_port() const;
  // host, with ":port" where the text has one.
  std::string authority() const;
};

// Absolute URIs only. White space around is dropped; characters that a URI may not hold but that shipped apps
// send (space, quotes, braces, non-ASCII) are percent-encoded as browsers do. Control characters are refused.
Result<Uri> parse_uri(std::string_view text);
std::string to_text(const Uri& uri);

// RFC 3986 section 5.2: `reference` may be absolute. `base` gives what it leaves out.
Result<Uri> resolve(const Uri& base, std::string_view reference);
std::string remove_dot_segments(std::string_view path);

// Everything but the unreserved characters of RFC 3986 becomes %XX.
std::string percent_encode(std::string_view text);
// A '%' that two hex digits do not follow stays as it is.
std::string percent_decode(std::string_view text);

// Names and values in order, decoded; names may repeat.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// Adds to the query, percent-encoded, and leaves what is there untouched to the byte.
void append_query(Uri& uri, const Parameters& parameters);
// The first value of that name.
const std::string* find_parameter(const Parameters& parameters, std::string_view name);

}  // namespace sotto::text
