#include "dialect/host/key_maker.h"

#include "net/one_shot.h"

namespace sotto::dialect {

asio::awaitable<Result<crypto::PrivateKey>> KeyMaker::make() {
  // Shared: a cancelled coroutine is gone before the key comes.
  auto made = std::make_shared<net::OneShot<Result<crypto::PrivateKey>>>(loop_.context());
  pool_.run<Result<crypto::PrivateKey>>(
      [] { return crypto::PrivateKey::generate_rsa(); },
      [made](Result<crypto::PrivateKey> key) { made->set(std::move(key)); });
  Result<crypto::PrivateKey> key = co_await made->wait();
  co_return key;
}

}  // namespace sotto::dialect
