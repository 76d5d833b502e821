#include "sip/busy_answer.h"

#include "sip/message_writer.h"

namespace sotto::sip {
namespace {

constexpr std::string_view kMethod = "INVITE ";

// The line at the start of `text`, which moves past it; nullopt if it does not end in CR LF.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || end == 0 || text[end - 1] != '\r') return std::nullopt;
  const std::string_view line = text.substr(0, end - 1);
  text.remove_prefix(end + 1);
  return line;
}

// Whether the line may be one of those below: most are not, and are not looked at.
bool may_be_repeated(std::string_view line) {
  return std::string_view("vfticVFTIC").find(line.front()) != std::string_view::npos;
}

bool is_repeated(HeaderName name) {
  return name == HeaderName::Via || name == HeaderName::From || name == HeaderName::To ||
         name == HeaderName::CallId || name == HeaderName::CSeq;
}

}  // namespace

std::optional<Message> read_beginning(std::string_view text) {
  if (!text.starts_with(kMethod)) return std::nullopt;
  std::optional<std::string_view> line = take_line(text);
  if (!line || !line->ends_with(" SIP/2.0")) return std::nullopt;
  Message request;
  request.headers.reserve(8);
  while ((line = take_line(text)) && !line->empty()) {
    if (is_space(line->front())) return std::nullopt;
    if (!may_be_repeated(*line)) continue;
    const size_t colon = line->find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = trim(line->substr(0, colon));
    const Header header{name, trim(line->substr(colon + 1)), header_name_from(name)};
    if (!is_repeated(header.name)) continue;
    if (header.name != HeaderName::Via && request.find(header.name) != nullptr) return std::nullopt;
    request.headers.push_back(header);
  }
  if (!line) return std::nullopt;
  for (const HeaderName name : {HeaderName::Via, HeaderName::From, HeaderName::CallId, HeaderName::CSeq}) {
    if (request.find(name) == nullptr) return std::nullopt;
  }
  auto via = parse_first_via(request.value(HeaderName::Via));
  auto to = parse_name_addr(request.value(HeaderName::To));
  if (!via || !to || !to->tag().empty()) return std::nullopt;
  request.via = *via;
  request.to = *to;
  request.method = Method::Invite;
  return request;
}

bool is_plain_beginning(std::string_view text) {
  if (!text.starts_with(kMethod)) return false;
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\r')) return false;
    if (!rest.starts_with("To:") && !rest.starts_with("t:")) continue;
    const size_t next = rest.find('\n') + 1;
    const bool whole = next > 0 && next < rest.size() && !is_space(rest[next]);
    return whole && rest.substr(0, next).find_first_of(";\"") == std::string_view::npos;
  }
  return false;
}

std::string busy_answer(const Message& beginning, const Flow& flow, std::string_view to_tag,
                        std::chrono::seconds retry_after) {
  MessageWriter out = begin_response(beginning, flow, 503, {}, to_tag);
  return out.header(HeaderName::RetryAfter, static_cast<uint64_t>(retry_after.count())).finish();
}

}  // namespace sotto::sip
