#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/headers.h"
#include "net/asio.h"

namespace sotto::http {

// Where a streamed body is written to. Fails with Closed when the client is gone.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual asio::awaitable<Result<void>> write(std::string_view piece) = 0;
};

// One answer. A value. Content-Length, Date and Connection are added when it is sent.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  // In place of `body`, for files and event streams: writes the body piece by piece, and returns at its end.
  // Without a length it is sent chunked. Cancelled with the connection. What it refers to must outlive the
  // connection.
  std::function<asio::awaitable<void>(BodyWriter&)> stream;
  std::optional<uint64_t> stream_length;

  static Response json(int status, std::string text);  // application/json; charset=utf-8
  static Response text(int status, std::string text);  // text/plain; charset=utf-8
  static Response with(int status, std::string_view content_type, std::string body);
  static Response empty(int status);
};

std::string_view reason_phrase(int status);

}  // namespace sotto::http
