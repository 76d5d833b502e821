#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "sip/address.h"
#include "sip/message.h"

namespace sotto::sip {

// A header that the caller adds, e.g. {"X-Campaign", "summer"}.
struct ExtraHeader {
  std::string name;
  std::string value;

  bool operator==(const ExtraHeader&) const = default;
};

// Token name, no control characters in the value, and none that the stack writes itself (Via, From, Call-ID,
// ...).
bool is_allowed_extra(std::string_view name, std::string_view value);

// Builds one message by appending. Values are the caller's responsibility: they hold no line ends.
class MessageWriter {
 public:
  explicit MessageWriter(size_t reserve = 768) { out_.reserve(reserve); }

  MessageWriter& request_line(std::string_view method, std::string_view uri);
  MessageWriter& status_line(int status, std::string_view reason);
  MessageWriter& header(HeaderName name, std::string_view value) { return header(to_string(name), value); }
  MessageWriter& header(std::string_view name, std::string_view value);
  MessageWriter& header(HeaderName name, uint64_t number);
  // "Name: " without the value; add() its parts and end with line().
  MessageWriter& begin(HeaderName name);
  MessageWriter& add(std::string_view text) {
    out_ += text;
    return *this;
  }
  MessageWriter& add(uint64_t number);
  MessageWriter& line() { return add("\r\n"); }
  // Content-Type (if there is a body), Content-Length, the empty line and the body.
  std::string finish(std::string_view content_type = {}, std::string_view body = {});
  std::string take() { return std::move(out_); }  // for who wrote the end himself

 private:
  std::string out_;
};

// Starts the response to `request`, which came by `flow`: status line, Vias with received and rport (RFC
// 3581), Record-Routes if it may make a dialog, From, To with `to_tag` (if it has none and `to_tag` is not
// empty), Call-ID and CSeq. The rest and finish() are the caller's.
MessageWriter begin_response(const Message& request, const Flow& flow, int status, std::string_view reason,
                             std::string_view to_tag);

// The message as it was, headers in order, for tests and traces: parse(serialize(m)) equals m.
std::string serialize(const Message& message);

}  // namespace sotto::sip
