#pragma once

#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "net/asio.h"

namespace sotto::net {

// One value that a coroutine waits for and somebody else on the same thread delivers, before or after. From
// another thread: loop.post() a call of set(). Must outlive the waiting coroutine's wait.
template <typename T>
class OneShot {
 public:
  explicit OneShot(asio::io_context& context) : arrived_(context) {
    arrived_.expires_at(asio::steady_timer::time_point::max());
  }
  OneShot(const OneShot&) = delete;

  // The first value counts, later ones are dropped.
  void set(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    arrived_.cancel();
  }
  bool ready() const { return value_.has_value(); }

  // One waiter, once.
  asio::awaitable<T> wait() {
    if (!value_) co_await arrived_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!value_)
      throw boost::system::system_error(asio::error::operation_aborted);  // the waiter's task was cancelled
    co_return std::move(*value_);
  }

 private:
  std::optional<T> value_;
  asio::steady_timer arrived_;  // never runs out; cancelled when the value is there
};

}  // namespace sotto::net
