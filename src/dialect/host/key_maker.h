#pragma once

#include "base/result.h"
#include "crypto/keys.h"
#include "net/loop.h"
#include "net/worker_pool.h"

namespace sotto::dialect {

// Makes RSA keys on a thread of its own: it takes tenths of a second. Control thread.
class KeyMaker {
 public:
  // `loop` outlives it.
  explicit KeyMaker(net::Loop& loop) : loop_(loop), pool_(loop, 1) {}

  asio::awaitable<Result<crypto::PrivateKey>> make();

 private:
  net::Loop& loop_;
  net::WorkerPool pool_;
};

}  // namespace sotto::dialect
