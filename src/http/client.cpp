#include "http/client.h"

#include "http/transfer.h"
#include "net/one_shot.h"

namespace sotto::http {

std::string_view to_string(FetchFault fault) {
  constexpr std::string_view kNames[] = {
      "bad_url",       "host_name", "refused",   "connect_timeout",    "tls_handshake", "private_target",
      "total_timeout", "reset",     "too_large", "too_many_redirects", "exhausted",     "cancelled"};
  return kNames[static_cast<size_t>(fault)];
}

Client::Client(net::Loop& loop, ClientOptions options)
    : loop_(loop), transfers_(std::make_unique<TransferThread>(std::move(options))) {}

Client::~Client() = default;

asio::awaitable<FetchResult> Client::fetch(FetchRequest request) {
  if (stats_.open >= base::limits::kFetchesMax) {
    co_return tl::unexpected(FetchError{FetchFault::Exhausted, "too many requests are under way"});
  }
  // Shared with the transfer's thread, which may finish after the waiter was cancelled.
  struct Waiter {
    explicit Waiter(asio::io_context& context) : result(context) {}
    net::OneShot<FetchResult> result;
  };
  const auto waiter = std::make_shared<Waiter>(loop_.context());
  net::Loop& loop = loop_;
  const uint64_t id = transfers_->start(std::move(request), [waiter, &loop](FetchResult result) {
    loop.post([waiter, result = std::move(result)]() mutable { waiter->result.set(std::move(result)); });
  });
  struct Open {
    ClientStats& stats;
    TransferThread& transfers;
    uint64_t id;
    bool done = false;
    ~Open() {
      --stats.open;
      if (!done) transfers.cancel(id);
    }
  };
  ++stats_.total;
  ++stats_.open;
  Open open{stats_, *transfers_, id};
  FetchResult result = co_await waiter->result.wait();
  open.done = true;
  if (!result) ++stats_.failed;
  co_return result;
}

}  // namespace sotto::http
