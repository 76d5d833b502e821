#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sip/cseq.h"
#include "sip/header_name.h"
#include "sip/method.h"
#include "sip/name_addr.h"
#include "sip/uri.h"
#include "sip/via.h"

namespace sotto::sip {

// RFC 3261 §8.1.1.6: what a request begins with.
inline constexpr uint32_t kMaxForwards = 70;

struct Header {
  std::string_view text;   // the name as it was written
  std::string_view value;  // trimmed, folds turned into spaces
  HeaderName name = HeaderName::Other;
};

// What makes a message unacceptable although it can be told apart: a request is answered with `status`, a
// response is dropped. `why` is a literal.
struct Defect {
  int status = 400;
  std::string_view why;
};

// A parsed message. It owns one copy of the bytes; all views point into that copy and live as long as the
// message, also when it is moved. What the RFC requires of every message is parsed once, into the fields
// below.
struct Message {
  bool is_request = true;
  Method method = Method::Other;  // of a response: from CSeq
  int status = 0;                 // responses
  std::string_view method_text;
  std::string_view reason;       // responses
  std::string_view request_uri;  // requests, as written
  Uri uri;                       // requests
  Via via;                       // the topmost
  NameAddr from;
  NameAddr to;
  CSeq cseq;
  std::string_view call_id;
  std::optional<uint32_t> max_forwards;
  std::string_view body;
  std::optional<Defect> defect;
  std::vector<Header> headers;  // in order, unknown ones included

  // The first header of that name, or its value; "" if there is none.
  const Header* find(HeaderName name) const;
  const Header* find(std::string_view name) const;
  std::string_view value(HeaderName name) const;
  // Whether any header of that name lists `item`, as in Supported: timer, 100rel.
  bool lists(HeaderName name, std::string_view item) const;

  std::unique_ptr<char[]> buffer;
};

// One message that fills `bytes` (a datagram, a WebSocket message or what StreamFramer cut out). Strict: what
// the RFC forbids is a `defect`. Fails only where nothing can be answered: no start line, or over the limits.
Result<Message> parse_message(base::ByteView bytes);

// All values of a list header in order, e.g. Record-Route or Contact.
Result<std::vector<NameAddr>> addresses(const Message& message, HeaderName name);
Result<std::vector<NameAddr>> addresses(Message&& temporary, HeaderName name) = delete;

}  // namespace sotto::sip
