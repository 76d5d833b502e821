#include "sip/message.h"

#include <algorithm>
#include <bitset>
#include <cstring>

#include "base/limits.h"
#include "sip/scan.h"

namespace sotto::sip {
namespace {
using base::limits::kSipHeadersMax;
using base::limits::kSipMessageBytesMax;

constexpr uint64_t kMaxForwardsMax = 255;

void note(Message& message, int status, std::string_view why) {
  if (!message.defect) message.defect = Defect{status, why};
}

// The view of the line at `position`, which moves past its end. CR LF or a bare LF ends a line.
std::string_view take_line(std::string_view text, size_t& position) {
  const size_t end = std::min(text.find('\n', position), text.size());
  std::string_view line = text.substr(position, end - position);
  position = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool parse_status_line(std::string_view line, Message& message) {
  message.is_request = false;
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  if (!iequals(line.substr(0, space), "SIP/2.0")) note(message, 505, "unknown SIP version");
  line.remove_prefix(space + 1);
  const size_t code_end = std::min(line.find(' '), line.size());
  const auto code = parse_number(line.substr(0, code_end), 699);
  if (!code || *code < 100 || code_end != 3) return false;
  message.status = static_cast<int>(*code);
  if (code_end == line.size()) note(message, 400, "no space after the status code");
  message.reason = line.substr(std::min(code_end + 1, line.size()));
  return true;
}

void parse_request_uri(std::string_view text, Message& message) {
  message.request_uri = text;
  auto uri = parse_uri(text);
  if (!uri) return note(message, 400, "bad request URI");
  message.uri = *uri;
  if (!uri->headers.empty()) note(message, 400, "headers in the request URI");
  if (!uri->is_sip() && uri->scheme != Scheme::Tel) note(message, 416, "unknown URI scheme");
}

bool parse_request_line(std::string_view line, Message& message) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0) return false;
  message.method_text = line.substr(0, first);
  if (!all_in(message.method_text, kToken)) return false;
  message.method = method_from(message.method_text);
  const std::string_view version = line.substr(last + 1);
  if (first == last || version.empty()) {
    // Spaces at the end, or no version at all: which request it is stays readable.
    if (first == last && !iequals(version.substr(0, 4), "SIP/")) return false;
    note(message, 400, "malformed request line");
    return true;
  }
  if (version.size() < 5 || !iequals(version.substr(0, 4), "SIP/")) {
    note(message, 400, "malformed request line");
  } else if (!iequals(version, "SIP/2.0")) {
    note(message, 505, "unknown SIP version");
  }
  parse_request_uri(line.substr(first + 1, last - first - 1), message);
  return true;
}

// Turns the line ends of folded lines into spaces (RFC 3261 §7.3.1: any fold means one space). Returns where
// the header section ends, behind the empty line.
size_t unfold(char* text, size_t size, size_t start) {
  size_t position = start;
  while (position < size) {
    const char* found = static_cast<const char*>(std::memchr(text + position, '\n', size - position));
    if (found == nullptr) return size;
    const size_t newline = static_cast<size_t>(found - text);
    const bool empty = newline == position || (newline == position + 1 && text[position] == '\r');
    if (empty) return newline + 1;
    position = newline + 1;
    while (position < size && is_space(text[position])) {
      // A fold: join this line to the one before, unless it holds nothing but spaces and ends the section.
      text[position - 1] = ' ';
      if (position >= 2 && text[position - 2] == '\r') text[position - 2] = ' ';
      const void* next = std::memchr(text + position, '\n', size - position);
      if (next == nullptr) return size;
      position = static_cast<size_t>(static_cast<const char*>(next) - text) + 1;
    }
  }
  return size;
}

// Header fields that may stand only once (RFC 3261 table 2).
bool is_single(HeaderName name) {
  switch (name) {
    case HeaderName::From:
    case HeaderName::To:
    case HeaderName::CallId:
    case HeaderName::CSeq:
    case HeaderName::MaxForwards:
    case HeaderName::ContentLength:
    case HeaderName::ContentType:
    case HeaderName::Expires:
    case HeaderName::SessionExpires:
    case HeaderName::MinSE:
    case HeaderName::RSeq:
    case HeaderName::RAck:
    case HeaderName::Replaces:
    case HeaderName::ReferTo: return true;
    default: return false;
  }
}

bool is_call_id(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return false;
  }
  return true;
}

void check_contacts(std::string_view value, Message& message) {
  if (value == "*") return;
  Scanner scanner(value);
  do {
    if (!take_name_addr(scanner)) return note(message, 400, "bad Contact");
  } while (scanner.next_item());
  if (scanner.failed()) note(message, 400, "bad Contact");
}

void check_routes(std::string_view value, Message& message) {
  Scanner scanner(value);
  do {
    if (!take_name_addr(scanner)) return note(message, 400, "bad Route");
  } while (scanner.next_item());
  if (scanner.failed()) note(message, 400, "bad Route");
}

template <typename T>
bool assign(Result<T> parsed, T& out) {
  if (!parsed) return false;
  out = *parsed;
  return true;
}

// Parses what every message needs; the rest is left to who asks for it.
void read_header(const Header& header, Message& message, std::optional<uint64_t>& content_length) {
  switch (header.name) {
    case HeaderName::Via:
      // The first is ours to use, and no other in its place; all must be well-formed.
      if (message.find(HeaderName::Via)->value.data() == header.value.data()) {
        if (!assign(parse_first_via(header.value), message.via)) note(message, 400, "bad Via");
      } else if (!parse_first_via(header.value)) {
        note(message, 400, "bad Via");
      }
      break;
    case HeaderName::From:
      if (!assign(parse_name_addr(header.value), message.from)) note(message, 400, "bad From");
      break;
    case HeaderName::To:
      if (!assign(parse_name_addr(header.value), message.to)) note(message, 400, "bad To");
      break;
    case HeaderName::CSeq:
      if (!assign(parse_cseq(header.value), message.cseq)) note(message, 400, "bad CSeq");
      break;
    case HeaderName::CallId:
      message.call_id = header.value;
      if (!is_call_id(header.value)) note(message, 400, "bad Call-ID");
      break;
    case HeaderName::MaxForwards:
      if (const auto number = parse_number(header.value, kMaxForwardsMax)) {
        message.max_forwards = static_cast<uint32_t>(*number);
      } else {
        note(message, 400, "bad Max-Forwards");
      }
      break;
    case HeaderName::ContentLength:
      content_length = parse_number(header.value, kSipMessageBytesMax * 16);
      if (!content_length) note(message, 400, "bad Content-Length");
      break;
    case HeaderName::Contact: check_contacts(header.value, message); break;
    case HeaderName::Route:
    case HeaderName::RecordRoute: check_routes(header.value, message); break;
    default: break;
  }
}

Result<void> read_headers(std::string_view section, Message& message,
                          std::optional<uint64_t>& content_length) {
  std::bitset<static_cast<size_t>(HeaderName::Count)> seen;
  size_t position = 0;
  message.headers.reserve(24);
  while (position < section.size()) {
    const std::string_view line = take_line(section, position);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    const std::string_view name = trim(line.substr(0, colon));
    if (colon == std::string_view::npos || is_space(line.front()) || !all_in(name, kToken)) {
      note(message, 400, "a header line without a name");
      continue;
    }
    if (message.headers.size() == kSipHeadersMax)
      return fail(ErrorCode::TooLarge, "message: too many headers");
    const Header header{name, trim(line.substr(colon + 1)), header_name_from(name)};
    message.headers.push_back(header);
    if (is_single(header.name) && seen.test(static_cast<size_t>(header.name))) {
      note(message, 400, "a header stands twice");
      continue;
    }
    seen.set(static_cast<size_t>(header.name));
    read_header(header, message, content_length);
  }
  return {};
}

void check_whole(Message& message) {
  if (message.via.text.empty()) note(message, 400, "no Via");
  if (message.from.text.empty()) note(message, 400, "no From");
  if (message.to.text.empty()) note(message, 400, "no To");
  if (message.call_id.empty()) note(message, 400, "no Call-ID");
  if (message.cseq.method_text.empty()) return note(message, 400, "no CSeq");
  if (message.is_request && message.cseq.method_text != message.method_text)
    note(message, 400, "CSeq of another method");
  if (!message.is_request) {
    message.method = message.cseq.method;
    message.method_text = message.cseq.method_text;
  }
}

}  // namespace

const Header* Message::find(HeaderName name) const {
  for (const Header& header : headers) {
    if (header.name == name) return &header;
  }
  return nullptr;
}

const Header* Message::find(std::string_view name) const {
  for (const Header& header : headers) {
    if (iequals(header.text, name)) return &header;
  }
  return nullptr;
}

std::string_view Message::value(HeaderName name) const {
  const Header* header = find(name);
  return header != nullptr ? header->value : std::string_view{};
}

bool Message::lists(HeaderName name, std::string_view item) const {
  return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
    return header.name == name && list_has(header.value, item);
  });
}

Result<Message> parse_message(base::ByteView bytes) {
  std::string_view input = base::as_text(bytes);
  while (input.starts_with('\r') || input.starts_with('\n')) input.remove_prefix(1);
  if (input.size() > kSipMessageBytesMax) return fail(ErrorCode::TooLarge, "message: too long");
  Message message;
  message.buffer = std::make_unique_for_overwrite<char[]>(input.size() + 1);
  std::memcpy(message.buffer.get(), input.data(), input.size());
  const std::string_view text(message.buffer.get(), input.size());

  size_t position = 0;
  const std::string_view start_line = take_line(text, position);
  const bool is_response = iequals(start_line.substr(0, 4), "SIP/");
  if (!(is_response ? parse_status_line(start_line, message) : parse_request_line(start_line, message))) {
    return fail(ErrorCode::Invalid, "message: bad start line");
  }
  const size_t body_start = unfold(message.buffer.get(), text.size(), position);
  std::optional<uint64_t> content_length;
  const std::string_view section = text.substr(position, body_start - position);
  if (auto read = read_headers(section, message, content_length); !read) return fail(std::move(read.error()));
  check_whole(message);
  message.body = text.substr(body_start);
  // RFC 3261 §18.3: what follows the length is cut off; a datagram that ends too early is an error.
  if (content_length && *content_length > message.body.size())
    note(message, 400, "Content-Length beyond the end");
  if (content_length && *content_length < message.body.size())
    message.body = message.body.substr(0, *content_length);
  return message;
}

Result<std::vector<NameAddr>> addresses(const Message& message, HeaderName name) {
  std::vector<NameAddr> out;
  for (const Header& header : message.headers) {
    if (header.name != name) continue;
    if (auto read = parse_name_addrs(header.value, out); !read) return fail(std::move(read.error()));
  }
  return out;
}

}  // namespace sotto::sip
