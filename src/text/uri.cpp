#include "text/uri.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "text/ascii.h"

namespace sotto::text {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

bool is_unreserved(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, char c) {
  out += '%';
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[c & 15];
}

// Control characters would let a URL smuggle header lines; everything else that is not allowed is encoded.
Result<std::string> clean(std::string_view text) {
  if (text.size() > base::limits::kUriBytesMax) return fail(ErrorCode::TooLarge, "URL: over 8192 bytes");
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return fail(ErrorCode::Invalid, "URL: holds a control character");
    const bool forbidden = byte >= 0x80 || std::string_view(" \"<>\\^`{|}").find(c) != std::string_view::npos;
    if (forbidden) {
      append_encoded(out, c);
      continue;
    }
    out += c;
  }
  return out;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 3 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
  }
  return host.find_first_of("[]:@%") == std::string_view::npos;
}

Result<void> read_authority(std::string_view text, Uri& uri) {
  uri.has_authority = true;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    uri.user_info = std::string(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  const size_t bracket = text.find(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  uri.host = lower_case(text.substr(0, colon));
  if (!is_host(uri.host)) return fail(ErrorCode::Invalid, "URL: the host is not valid");
  if (colon == std::string_view::npos || colon + 1 == text.size()) return {};
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
    return fail(ErrorCode::Invalid, "URL: the port is not a number from 0 to 65535");
  }
  uri.port = port;
  return {};
}

// A reference without its scheme, which `uri` has or will take from its base.
Result<void> read_rest(std::string_view text, Uri& uri) {
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    uri.fragment = std::string(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    uri.query = std::string(text.substr(mark + 1));
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t slash = text.find('/');
    if (const auto read = read_authority(text.substr(0, slash), uri); !read) return read;
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
  }
  uri.path = std::string(text);
  return {};
}

// The scheme's length, npos when the reference is relative.
size_t scheme_size(std::string_view text) {
  const size_t colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || text[colon] != ':' || !is_scheme(text.substr(0, colon))) {
    return std::string_view::npos;
  }
  return colon;
}

std::string merge_paths(const Uri& base, std::string_view reference) {
  if (base.has_authority && base.path.empty()) return "/" + std::string(reference);
  const size_t slash = base.path.rfind('/');
  return base.path.substr(0, slash == std::string::npos ? 0 : slash + 1) + std::string(reference);
}

}  // namespace

std::string Uri::target() const {
  std::string out = path.empty() ? "/" : path;
  if (query) out += "?" + *query;
  return out;
}

uint16_t Uri::effective_port() const {
  if (port) return *port;
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

std::string Uri::authority() const {
  return port ? host + ":" + std::to_string(*port) : host;
}

Result<Uri> parse_uri(std::string_view text) {
  const auto cleaned = clean(trim(text));
  if (!cleaned) return fail(cleaned.error());
  const size_t colon = scheme_size(*cleaned);
  if (colon == std::string_view::npos) return fail(ErrorCode::Invalid, "URL: has no scheme such as https");
  Uri uri;
  uri.scheme = lower_case(std::string_view(*cleaned).substr(0, colon));
  if (const auto read = read_rest(std::string_view(*cleaned).substr(colon + 1), uri); !read)
    return fail(read.error());
  const bool needs_host = uri.effective_port() != 0 || uri.scheme == "http" || uri.scheme == "https";
  if (needs_host && uri.host.empty()) return fail(ErrorCode::Invalid, "URL: has no host");
  return uri;
}

std::string to_text(const Uri& uri) {
  std::string out = uri.scheme + ":";
  if (uri.has_authority) {
    out += "//";
    if (uri.user_info) out += *uri.user_info + "@";
    out += uri.authority();
  }
  out += uri.path;
  if (uri.query) out += "?" + *uri.query;
  if (uri.fragment) out += "#" + *uri.fragment;
  return out;
}

Result<Uri> resolve(const Uri& base, std::string_view reference) {
  const auto cleaned = clean(trim(reference));
  if (!cleaned) return fail(cleaned.error());
  if (scheme_size(*cleaned) != std::string_view::npos) {
    auto absolute = parse_uri(*cleaned);
    if (absolute && absolute->has_authority) absolute->path = remove_dot_segments(absolute->path);
    return absolute;
  }
  Uri out;
  out.scheme = base.scheme;
  if (const auto read = read_rest(*cleaned, out); !read) return fail(read.error());
  if (out.has_authority) {
    if (out.host.empty()) return fail(ErrorCode::Invalid, "URL: has no host");
    out.path = remove_dot_segments(out.path);
    return out;
  }
  out.has_authority = base.has_authority;
  out.user_info = base.user_info;
  out.host = base.host;
  out.port = base.port;
  if (out.path.empty()) {
    out.path = base.path;
    if (!out.query) out.query = base.query;
    return out;
  }
  out.path = remove_dot_segments(out.path.starts_with('/') ? out.path : merge_paths(base, out.path));
  return out;
}

std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../") || path.starts_with("./")) {
      path.remove_prefix(path.find('/') + 1);
    } else if (path == "." || path == "..") {
      path = {};
    } else if (path.starts_with("/./") || path == "/.") {
      path = path.size() == 2 ? "/" : path.substr(2);
    } else if (path.starts_with("/../") || path == "/..") {
      path = path.size() == 3 ? "/" : path.substr(3);
      const size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
    } else {
      const size_t end = path.find('/', 1);
      out += path.substr(0, end);
      path.remove_prefix(end == std::string_view::npos ? path.size() : end);
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    append_encoded(out, c);
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool coded =
        text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
    if (!coded) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

void append_query(Uri& uri, const Parameters& parameters) {
  if (parameters.empty()) return;
  std::string& query = uri.query ? *uri.query : uri.query.emplace();
  for (const auto& [name, value] : parameters) {
    if (!query.empty() && query.back() != '&') query += '&';
    query += percent_encode(name) + "=" + percent_encode(value);
  }
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

}  // namespace sotto::text
