#include "dialect/host/await.h"

namespace sotto::dialect {

asio::awaitable<Result<void>> write(Services services, store::Store::Change change) {
  auto answer = std::make_shared<net::OneShot<Result<void>>>(services.loop.context());
  auto asked = services.store.write(std::move(change),
                                    [answer](Result<void> result) { answer->set(std::move(result)); });
  if (!asked) co_return fail(asked.error());
  Result<void> result = co_await answer->wait();
  co_return result;
}

asio::awaitable<Result<void>> change(Services services, store::LiveDirectory::Change change) {
  auto answer = std::make_shared<net::OneShot<Result<void>>>(services.loop.context());
  services.directory.change(std::move(change),
                            [answer](Result<void> result) { answer->set(std::move(result)); });
  Result<void> result = co_await answer->wait();
  co_return result;
}

}  // namespace sotto::dialect
