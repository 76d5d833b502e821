#pragma once

#include <cstdint>

#include "http/request.h"
#include "http/response.h"

namespace sotto::http {

struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;

  bool operator==(const ByteRange&) const = default;
};

// What to send of a body of `size` bytes (RFC 9110, 14): makes the response a 206 where the request asks for
// one part of it, or a 416 without a body where there is no such part. Several parts, other units and
// If-Range are answered with the whole.
ByteRange choose_range(const Request& request, uint64_t size, Response& response);

}  // namespace sotto::http
