#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "http/client.h"
#include "net/loop.h"
#include "store/outbox_store.h"
#include "store/store.h"
#include "webhook/delivery_policy.h"
#include "webhook/fetcher.h"

namespace sotto::webhook {

// A request that tells an app something. Its body is rendered when it is made, its signature when it is sent.
struct Message {
  std::string stream;   // messages of one stream arrive in the order of deliver(): a call, a leg
  std::string account;  // hex
  std::string call;     // hex, for people who look for it
  std::string dialect;  // whose signer
  http::Method method = http::Method::Post;
  std::string url;
  http::Headers headers;
  std::string body;
  DeliveryPolicy policy;
};

struct OutboxSettings {
  bool persist =
      false;  // [webhooks] persist: what is spent is tried again, ever more rarely, until it arrives
};

struct OutboxStats {
  size_t waiting = 0;
  uint64_t delivered = 0;
  uint64_t attempts = 0;
  uint64_t dead = 0;
};

// Stores each message, sends it without waiting for the commit, and erases it when it was acknowledged; what
// a killed server had committed and not seen acknowledged is sent again at the next start. Control thread.
class Outbox {
 public:
  // Adds what depends on the time of sending, or on a secret that must not be stored.
  using Signer = std::function<void(const Message& message, http::FetchRequest& request)>;
  // The answer to the last attempt. Not called after stop(), nor for messages of an earlier start.
  using OnReply = std::function<void(const http::FetchResult& result)>;

  // All outlive it.
  Outbox(net::Loop& loop, base::Random& random, store::Store& store, http::Client& client,
         FetchSettings fetch, OutboxSettings settings);
  ~Outbox();

  void set_signer(const std::string& dialect, Signer signer);  // before resume()
  // Sends what an earlier start left behind. Once, when every signer is set.
  void resume();
  void deliver(Message message, OnReply on_reply = {});
  // Makes a dead letter pending again, and sends it.
  asio::awaitable<Result<void>> replay(std::string id);
  const OutboxStats& stats() const;

  // What is under way ends or is cancelled after `grace`; what was not acknowledged stays stored.
  asio::awaitable<void> stop(base::Duration grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sotto::webhook
