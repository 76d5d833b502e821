#pragma once

#include <functional>
#include <memory>

#include "dialect/host/services.h"
#include "net/one_shot.h"

// The store and the directory for coroutines: they go on when the answer is there.
namespace sotto::dialect {

// Done when all that happened so far is on disk, or cannot be written now.
asio::awaitable<void> everything_written(Services services);

// Sees what is on disk: enough for what is written before anybody is told of it.
template <typename T>
asio::awaitable<Result<T>> read_stored(Services services,
                                       std::function<Result<T>(store::Connection&)> query) {
  // Shared: a cancelled coroutine is gone before the store's answer comes.
  auto answer = std::make_shared<net::OneShot<Result<T>>>(services.loop.context());
  auto asked = services.store.read<T>(std::move(query),
                                      [answer](Result<T> result) { answer->set(std::move(result)); });
  if (!asked) co_return fail(asked.error());
  Result<T> result = co_await answer->wait();
  co_return result;
}

// Sees all that happened so far: a client that was told of it may ask at once.
template <typename T>
asio::awaitable<Result<T>> read(Services services, std::function<Result<T>(store::Connection&)> query) {
  co_await everything_written(services);
  Result<T> result = co_await read_stored<T>(services, std::move(query));
  co_return result;
}

// One value that a coroutine waits for and an event delivers; shared, since either side may go first.
template <typename T>
std::shared_ptr<net::OneShot<T>> make_one_shot(Services& services) {
  return std::make_shared<net::OneShot<T>>(services.loop.context());
}
template <typename T>
using OneShot = net::OneShot<T>;

// Writes what a dialect keeps of a leg, after the journal's row of it, which this turn's events make. A store
// that takes no more has said so in the log; the call goes on.
void keep_leg_extra(const Services& services, call::LegId leg, std::string extra);

// Done when it is on disk.
asio::awaitable<Result<void>> write(Services services, store::Store::Change change);
asio::awaitable<Result<void>> change(Services services, store::LiveDirectory::Change change);

}  // namespace sotto::dialect
