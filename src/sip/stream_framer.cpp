#include "sip/stream_framer.h"

#include <algorithm>

#include "base/limits.h"
#include "sip/header_name.h"
#include "sip/scan.h"

namespace sotto::sip {
namespace {
using base::limits::kSipMessageBytesMax;

// The value of the one Content-Length in the header section.
Result<size_t> content_length(std::string_view head) {
  std::optional<uint64_t> length;
  size_t position = 0;
  while (position < head.size()) {
    const size_t end = std::min(head.find("\r\n", position), head.size());
    const std::string_view line = head.substr(position, end - position);
    position = end + 2;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        header_name_from(trim(line.substr(0, colon))) != HeaderName::ContentLength)
      continue;
    std::string_view value = line.substr(colon + 1);
    // A folded value stands in the next line.
    if (trim(value).empty() && position < head.size() && is_space(head[position])) {
      value = head.substr(position, std::min(head.find("\r\n", position), head.size()) - position);
    }
    const auto number = parse_number(trim(value), kSipMessageBytesMax);
    if (!number || length) return fail(ErrorCode::Invalid, "stream: bad or second Content-Length");
    length = number;
  }
  if (!length) return fail(ErrorCode::Invalid, "stream: no Content-Length");
  return static_cast<size_t>(*length);
}

}  // namespace

void StreamFramer::push(base::ByteView bytes) {
  if (used_ > 0) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  buffer_ += base::as_text(bytes);
}

Result<std::optional<StreamFramer::Frame>> StreamFramer::next() {
  std::string_view rest = std::string_view(buffer_).substr(used_);
  if (rest.starts_with("\r\n\r\n")) {
    used_ += 4;
    return Frame{Frame::Kind::Ping, base::as_bytes(rest.substr(0, 4))};
  }
  // A single CR LF before a message is to be ignored; it may also be half a ping, so wait for what follows.
  if (rest == "\r" || rest == "\r\n" || rest == "\r\n\r") return std::optional<Frame>{};
  while (rest.starts_with("\r\n")) {
    rest.remove_prefix(2);
    used_ += 2;
    scanned_ = 0;
  }
  const size_t end = rest.find("\r\n\r\n", scanned_ > 3 ? scanned_ - 3 : 0);
  if (end == std::string_view::npos) {
    if (rest.size() > kSipMessageBytesMax)
      return fail(ErrorCode::TooLarge, "stream: header section too long");
    scanned_ = rest.size();
    return std::optional<Frame>{};
  }
  scanned_ = end;
  const auto length = content_length(rest.substr(0, end));
  if (!length) return fail(length.error());
  const size_t total = end + 4 + *length;
  if (total > kSipMessageBytesMax) return fail(ErrorCode::TooLarge, "stream: message too long");
  if (rest.size() < total) return std::optional<Frame>{};
  used_ += total;
  scanned_ = 0;
  return Frame{Frame::Kind::Message, base::as_bytes(rest.substr(0, total))};
}

}  // namespace sotto::sip
