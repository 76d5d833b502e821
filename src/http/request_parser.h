#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/headers.h"
#include "http/method.h"

namespace sotto::http {

// How the end of a body is found (RFC 9112 section 6.3).
enum class Framing : uint8_t { None, Length, Chunked };

struct RequestHead {
  Method method = Method::Other;
  std::string method_name;
  std::string target;      // without scheme and host
  std::string path;        // normalised, still percent-encoded; "*" for OPTIONS *
  std::string query_text;  // still encoded
  std::string host;
  Headers headers;
  Framing framing = Framing::None;
  uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Why a request is refused: the status to answer with, and a sentence.
struct Refusal {
  int status = 400;
  std::string detail;
  // What came cannot start a request at all: most likely the unframed body of the request before it.
  bool junk = false;
};

// Splits and normalises a request target: origin-form, absolute-form (whose authority replaces Host) or "*".
// Slashes in a row become one, one trailing slash goes, a fragment goes. False if it is none of these.
bool parse_target(std::string_view target, RequestHead& head);

// Reads one request at a time from bytes as they come. Pure; the owner keeps the bytes that were not taken.
class RequestParser {
 public:
  enum class State : uint8_t { Head, Body, Done, Refused };
  struct Limits {
    size_t head_bytes_max = base::limits::kHttpHeadBytesMax;
    size_t body_bytes_max = base::limits::kHttpBodyBytesMax;
  };

  explicit RequestParser(Limits limits) : limits_(limits), body_max_(limits.body_bytes_max) {}

  // Takes what it can from the front of `input` and tells where it is. A head is taken only when it is whole:
  // until then the owner calls again with the same bytes and more. Returns after the head, before any body,
  // so that the owner can look at head() and set the limit of the body; and at the end of the body, taking
  // nothing beyond.
  State advance(std::string_view& input);

  // After the head: refuses a body that is known to be too large at once.
  State limit_body(size_t bytes_max);
  State state() const { return state_; }
  RequestHead& head() { return head_; }
  std::string& body() { return body_; }
  const Refusal& refusal() const { return refusal_; }
  void restart();  // for the next request of the connection

 private:
  enum class Chunk : uint8_t { Size, Data, DataEnd, Trailer };

  State refuse(int status, std::string detail, bool junk = false);
  State advance_head(std::string_view& input);
  State parse_head(std::string_view text);
  bool parse_request_line(std::string_view line);
  bool parse_field(std::string_view line);
  State read_framing();
  State advance_length(std::string_view& input);
  State advance_chunks(std::string_view& input);
  State take_chunk_size(std::string_view line);
  std::optional<std::string_view> take_line(std::string_view& input);

  const Limits limits_;
  size_t body_max_;
  State state_ = State::Head;
  size_t scanned_ = 0;     // of the head: bytes known not to end it
  size_t line_start_ = 0;  // of the head
  RequestHead head_;
  std::string body_;
  uint64_t left_ = 0;  // of the body, or of the present chunk
  Chunk chunk_ = Chunk::Size;
  size_t overhead_ = 0;  // bytes of chunk sizes and trailers
  int minor_version_ = 1;
  Refusal refusal_;
};

}  // namespace sotto::http
