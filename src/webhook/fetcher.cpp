#include "webhook/fetcher.h"

namespace sotto::webhook {

Fetcher::Fetcher(net::Loop& loop, http::Client& client, FetchSettings settings)
    : loop_(loop), client_(client), settings_(settings) {}

asio::awaitable<http::FetchResult> Fetcher::fetch(http::FetchRequest request, RetryPolicy policy) {
  request.private_targets = settings_.private_targets;
  request.verify_tls = settings_.verify_tls;
  for (const base::Duration pause : policy.pauses) {
    http::FetchRequest attempt = request;
    http::FetchResult result = co_await client_.fetch(std::move(attempt));
    if (!policy.retries(result)) co_return result;
    co_await loop_.sleep(pause);
  }
  http::FetchResult last = co_await client_.fetch(std::move(request));
  co_return last;
}

}  // namespace sotto::webhook
