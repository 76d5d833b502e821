#pragma once

#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>

#include "net/loop.h"

namespace sotto::net {

// Runs `task` to its end on a loop that is not running, and gives back its value. For tests and one-shot
// commands.
template <typename T>
T run(Loop& loop, asio::awaitable<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  bool done = false;
  asio::co_spawn(loop.context(), std::move(task), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    if (!thrown) value.emplace(std::move(result));
    done = true;
  });
  loop.run_until([&] { return done; });
  if (failure) std::rethrow_exception(failure);
  return std::move(*value);
}

inline void run(Loop& loop, asio::awaitable<void> task) {
  std::exception_ptr failure;
  bool done = false;
  asio::co_spawn(loop.context(), std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  loop.run_until([&] { return done; });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace sotto::net
