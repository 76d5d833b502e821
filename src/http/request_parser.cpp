#include "http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sotto::http {
namespace {

constexpr size_t kTargetBytesMax = 16 * 1024;
constexpr size_t kMethodBytesMax = 24;
constexpr size_t kChunkLineBytesMax = 1024;
constexpr size_t kBodyReserveMax = 64 * 1024;  // what a Content-Length alone makes us allocate

// RFC 9110 section 5.6.2.
constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
  return table;
}();

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kTokenCharacters[static_cast<unsigned char>(c)]; });
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

std::string_view without_spaces_around(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int radix) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool parse_target(std::string_view target, RequestHead& head) {
  if (std::any_of(target.begin(), target.end(),
                  [](char c) { return is_control(c) || c == ' ' || c == '\t'; }))
    return false;
  target = target.substr(0, target.find('#'));
  const size_t scheme_end = target.find("://");
  if (!target.starts_with('/') && scheme_end != std::string_view::npos) {
    const std::string_view scheme = target.substr(0, scheme_end);
    if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return false;
    target.remove_prefix(scheme_end + 3);
    const size_t authority_end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, authority_end);
    head.host = authority.substr(authority.rfind('@') + 1);  // npos + 1 is the start
    if (head.host.empty()) return false;
    target.remove_prefix(authority_end);
    if (!target.starts_with('/')) head.target = "/";
  }
  head.target += target;
  if (head.target == "*" && head.method == Method::Options) {
    head.path = "*";
    return true;
  }
  if (!head.target.starts_with('/')) return false;
  const size_t query = std::min(head.target.find('?'), head.target.size());
  head.query_text = head.target.substr(std::min(query + 1, head.target.size()));
  head.path.reserve(query);
  for (const char c : std::string_view(head.target).substr(0, query)) {
    if (c != '/' || head.path.empty() || head.path.back() != '/') head.path += c;
  }
  if (head.path.size() > 1 && head.path.back() == '/') head.path.pop_back();
  return true;
}

void RequestParser::restart() {
  state_ = State::Head;
  body_max_ = limits_.body_bytes_max;
  scanned_ = line_start_ = overhead_ = 0;
  head_ = {};
  body_ = {};
  left_ = 0;
  chunk_ = Chunk::Size;
}

RequestParser::State RequestParser::refuse(int status, std::string detail, bool junk) {
  refusal_ = {status, std::move(detail), junk};
  return state_ = State::Refused;
}

RequestParser::State RequestParser::advance(std::string_view& input) {
  if (state_ == State::Head) return advance_head(input);
  if (state_ != State::Body) return state_;
  return head_.framing == Framing::Chunked ? advance_chunks(input) : advance_length(input);
}

// Finds the empty line, looking at each byte once however slowly they come.
RequestParser::State RequestParser::advance_head(std::string_view& input) {
  // Empty lines before a request are skipped (RFC 9112 section 2.2).
  while (scanned_ == 0 && !input.empty() && (input.front() == '\r' || input.front() == '\n'))
    input.remove_prefix(1);
  if (input.empty()) return state_;
  if (scanned_ == 0 && (input.front() < 'A' || input.front() > 'Z')) {
    return refuse(400, "what came does not start with a method", true);
  }
  while (true) {
    const size_t line_end = input.find('\n', scanned_);
    scanned_ = std::min(line_end, input.size());
    if (scanned_ >= limits_.head_bytes_max) return refuse(431, "the head of the request is too large");
    if (line_end == std::string_view::npos) return state_;
    if (line_end == line_start_ || input[line_end - 1] != '\r')
      return refuse(400, "a line does not end with CR LF");
    ++scanned_;
    const bool is_last = line_end - 1 == line_start_;
    line_start_ = line_end + 1;
    if (!is_last) continue;
    const std::string_view text = input.substr(0, line_end - 1);
    input.remove_prefix(line_end + 1);
    return parse_head(text);
  }
}

// `text` is lines that each end with CR LF; an empty first line cannot be, since it would have been skipped.
RequestParser::State RequestParser::parse_head(std::string_view text) {
  const auto next_line = [&text] {
    const size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end == std::string_view::npos ? end : end + 2, text.size()));
    return line;
  };
  if (!parse_request_line(next_line())) return state_;
  head_.headers.reserve(12);
  while (!text.empty()) {
    if (!parse_field(next_line())) return state_;
  }
  return read_framing();
}

bool RequestParser::parse_request_line(std::string_view line) {
  const size_t method_end = line.find(' ');
  const size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || method_end == target_end) {
    return refuse(400, "the request line does not have three words"), false;
  }
  const std::string_view method = line.substr(0, method_end);
  if (!is_token(method) || method.size() > kMethodBytesMax)
    return refuse(400, "the method is not a token"), false;
  head_.method_name = method;
  head_.method = parse_method(method);
  const std::string_view version = line.substr(target_end + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/"))
    return refuse(400, "the version is not HTTP"), false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refuse(505, "only HTTP/1.1 is spoken here"), false;
  minor_version_ = version.back() - '0';
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (target.size() > kTargetBytesMax) return refuse(414, "the request target is too long"), false;
  if (!parse_target(target, head_)) return refuse(400, "the request target is malformed"), false;
  return true;
}

bool RequestParser::parse_field(std::string_view line) {
  if (head_.headers.size() == base::limits::kHttpHeadersMax)
    return refuse(431, "too many header fields"), false;
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  // A space before the colon, or at the start of a line (folding), is how requests are smuggled past a proxy.
  if (colon == line.size() || !is_token(name)) return refuse(400, "a header name is malformed"), false;
  const std::string_view value = without_spaces_around(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return refuse(400, "a header value has a control character"), false;
  }
  head_.headers.add(std::string(name), std::string(value));
  return true;
}

// RFC 9112 section 6.3. Two opinions on the length are refused, never weighed.
RequestParser::State RequestParser::read_framing() {
  const Headers& headers = head_.headers;
  const auto hosts = headers.all("Host");
  if (hosts.size() > 1) return refuse(400, "there are several Host headers");
  if (head_.host.empty() && hosts.empty() && minor_version_ == 1)
    return refuse(400, "the Host header is missing");
  if (head_.host.empty() && !hosts.empty()) head_.host = hosts.front();
  head_.keep_alive = minor_version_ == 1 ? !headers.has_token("Connection", "close")
                                         : headers.has_token("Connection", "keep-alive");
  head_.expects_continue = minor_version_ == 1 && headers.has_token("Expect", "100-continue");
  const auto encodings = headers.all("Transfer-Encoding");
  const auto lengths = headers.all("Content-Length");
  if (!encodings.empty()) {
    if (!lengths.empty()) return refuse(400, "there are both Content-Length and Transfer-Encoding");
    if (encodings.size() > 1 || minor_version_ == 0) return refuse(400, "the Transfer-Encoding is malformed");
    if (!equals_ignoring_case(encodings.front(), "chunked"))
      return refuse(501, "the only Transfer-Encoding is chunked");
    head_.framing = Framing::Chunked;
    return state_ = State::Body;
  }
  if (lengths.empty()) return state_ = State::Body;
  const bool all_digits = lengths.front().find_first_not_of("0123456789") == std::string_view::npos;
  const auto length = parse_number<uint64_t>(lengths.front(), 10);
  const bool agree =
      std::all_of(lengths.begin(), lengths.end(), [&](auto other) { return other == lengths.front(); });
  if (!all_digits || !length || !agree) return refuse(400, "the Content-Length is malformed");
  head_.framing = Framing::Length;
  head_.content_length = left_ = *length;
  return state_ = State::Body;
}

RequestParser::State RequestParser::limit_body(size_t bytes_max) {
  if (state_ != State::Body) return state_;
  body_max_ = bytes_max;
  if (head_.framing == Framing::Length && left_ > body_max_) return refuse(413, "the body is too large");
  return state_;
}

RequestParser::State RequestParser::advance_length(std::string_view& input) {
  if (head_.framing == Framing::Length && limit_body(body_max_) == State::Refused) return state_;
  const size_t count = std::min<uint64_t>(left_, input.size());
  if (body_.empty()) body_.reserve(std::min<uint64_t>(left_, kBodyReserveMax));
  body_.append(input.substr(0, count));
  input.remove_prefix(count);
  left_ -= count;
  return left_ == 0 ? state_ = State::Done : state_;
}

// A whole line without its end, or nothing yet. Refuses one that is too long or badly ended.
std::optional<std::string_view> RequestParser::take_line(std::string_view& input) {
  const size_t end = input.find('\n');
  if (std::min(end, input.size()) > kChunkLineBytesMax)
    return refuse(400, "a chunk's line is too long"), std::nullopt;
  if (end == std::string_view::npos) return std::nullopt;
  if (end == 0 || input[end - 1] != '\r')
    return refuse(400, "a chunk's line does not end with CR LF"), std::nullopt;
  const std::string_view line = input.substr(0, end - 1);
  input.remove_prefix(end + 1);
  overhead_ += end + 1;
  if (overhead_ > limits_.head_bytes_max + body_.size())
    return refuse(400, "the chunks are too small"), std::nullopt;
  return line;
}

RequestParser::State RequestParser::take_chunk_size(std::string_view line) {
  const std::string_view digits =
      without_spaces_around(line.substr(0, line.find(';')));  // extensions are ignored
  const auto size = digits.starts_with('-') ? std::nullopt : parse_number<uint64_t>(digits, 16);
  if (!size) return refuse(400, "a chunk's size is malformed");
  if (*size > body_max_ - body_.size()) return refuse(413, "the body is too large");
  left_ = *size;
  chunk_ = left_ == 0 ? Chunk::Trailer : Chunk::Data;
  return state_;
}

RequestParser::State RequestParser::advance_chunks(std::string_view& input) {
  while (state_ == State::Body) {
    if (chunk_ == Chunk::Data) {
      const size_t count = std::min<uint64_t>(left_, input.size());
      body_.append(input.substr(0, count));
      input.remove_prefix(count);
      left_ -= count;
      if (left_ > 0) return state_;
      chunk_ = Chunk::DataEnd;
    }
    const auto line = take_line(input);
    if (!line) return state_;
    if (chunk_ == Chunk::Size) {
      take_chunk_size(*line);
    } else if (chunk_ == Chunk::DataEnd) {
      if (!line->empty()) return refuse(400, "a chunk is longer than its size");
      chunk_ = Chunk::Size;
    } else if (line->empty()) {
      state_ = State::Done;  // trailers before it are dropped
    }
  }
  return state_;
}

}  // namespace sotto::http
