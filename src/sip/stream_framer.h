#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace sotto::sip {

// Cuts a byte stream (TCP, TLS) into messages by Content-Length (RFC 3261 §18.3). One per connection.
class StreamFramer {
 public:
  struct Frame {
    enum class Kind { Message, Ping };  // Ping: CR LF CR LF, to be answered with CR LF (RFC 5626 §4.4.1)
    Kind kind = Kind::Message;
    base::ByteView bytes;  // valid until the next call
  };

  void push(base::ByteView bytes);
  // The next whole frame; nullopt when more bytes are needed. An error (no or two lengths, too long) leaves
  // the stream without a boundary: close the connection.
  Result<std::optional<Frame>> next();

 private:
  std::string buffer_;
  size_t used_ = 0;     // taken by frames that were handed out
  size_t scanned_ = 0;  // behind used_: known to hold no end of headers
};

}  // namespace sotto::sip
