#pragma once

#include "http/client.h"
#include "net/loop.h"
#include "webhook/delivery_policy.h"

namespace sotto::webhook {

struct FetchSettings {
  http::PrivateTargets private_targets = http::PrivateTargets::Allowed;  // [webhooks] private_targets
  bool verify_tls = true;
};

// Asks an app for a document, in the call: never stored, and cancelled with the task that awaits it. Control
// thread.
class Fetcher {
 public:
  // Both outlive it.
  Fetcher(net::Loop& loop, http::Client& client, FetchSettings settings);

  // One attempt, and those that the policy adds. The deadlines of `request` are of each attempt. A 4xx or 5xx
  // that is not tried again is a reply like any other.
  asio::awaitable<http::FetchResult> fetch(http::FetchRequest request, RetryPolicy policy);

  const FetchSettings& settings() const { return settings_; }

 private:
  net::Loop& loop_;
  http::Client& client_;
  const FetchSettings settings_;
};

}  // namespace sotto::webhook
