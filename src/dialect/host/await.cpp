#include "dialect/host/await.h"

#include "store/leg_store.h"

namespace sotto::dialect {

void keep_leg_extra(const Services& services, call::LegId leg, std::string extra) {
  services.loop.post([&store = services.store, leg, extra = std::move(extra)] {
    (void)store.write(
        [leg, extra](store::Connection& connection) -> Result<void> {
          Result<void> put = store::put_leg_extra(connection, leg, extra);
          if (put || put.error().code != ErrorCode::NotFound) return put;
          return {};  // erased meanwhile, or a server without a journal
        },
        {}, store::Store::InTrouble::Wait);
  });
}

asio::awaitable<Result<void>> write(Services services, store::Store::Change change) {
  auto answer = std::make_shared<net::OneShot<Result<void>>>(services.loop.context());
  auto asked = services.store.write(std::move(change),
                                    [answer](Result<void> result) { answer->set(std::move(result)); });
  if (!asked) co_return fail(asked.error());
  Result<void> result = co_await answer->wait();
  co_return result;
}

asio::awaitable<void> everything_written(Services services) {
  store::Store::Change nothing = [](store::Connection&) { return Result<void>(); };
  const Result<void> after_all = co_await write(services, std::move(nothing));
  (void)after_all;  // where nothing can be written, what was is read
}

asio::awaitable<Result<void>> change(Services services, store::LiveDirectory::Change change) {
  auto answer = std::make_shared<net::OneShot<Result<void>>>(services.loop.context());
  services.directory.change(std::move(change),
                            [answer](Result<void> result) { answer->set(std::move(result)); });
  Result<void> result = co_await answer->wait();
  co_return result;
}

}  // namespace sotto::dialect
