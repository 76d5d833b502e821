#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "net/asio.h"
#include "net/endpoint.h"

namespace sotto::net {

// A connected byte stream, plain or TLS. Control thread. At most one read and one write at a time. Destroyed
// only when none is under way.
class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte, or 0 at the end of what the peer sends. Fails: Closed (reset, or close() here),
  // TimedOut after cancel(), Invalid for a broken TLS record.
  virtual asio::awaitable<Result<size_t>> read_some(std::span<char> into) = 0;
  // All of both, or an error. The views must live until it returns.
  virtual asio::awaitable<Result<void>> write(std::string_view first, std::string_view second = {}) = 0;

  virtual void cancel() = 0;          // ends what is under way with TimedOut; the stream stays usable
  virtual void shutdown_write() = 0;  // tells the peer that nothing more comes; reading goes on
  virtual void close() = 0;           // ends what is under way with Closed, for good

  virtual Endpoint local() const = 0;
  virtual Endpoint peer() const = 0;
  virtual bool secure() const = 0;
};

}  // namespace sotto::net
