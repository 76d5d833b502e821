#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/random.h"
#include "http/client.h"
#include "net/loop.h"
#include "store/outbox_store.h"
#include "store/store.h"
#include "webhook/fetcher.h"
#include "webhook/message.h"

namespace sotto::webhook {

struct OutboxSettings {
  // [webhooks] persist: what is spent is tried again, ever more rarely, until it arrives or is
  // limits::kOutboxPersistMax old; those behind it in its stream wait.
  bool persist = false;
  base::Duration persist_pause_min = std::chrono::seconds(1);  // doubles up to
  base::Duration persist_pause_max = base::limits::kOutboxPersistPauseMax;
  // Beyond these, messages wait in the store alone.
  size_t messages_max = base::limits::kOutboxMessagesMax;
  size_t bytes_max = base::limits::kOutboxBytesMax;
};

// `waiting` and `sending` are of now, the rest since the start.
struct OutboxStats {
  size_t waiting = 0;  // in memory, those being sent included
  size_t sending = 0;
  uint64_t delivered = 0;
  uint64_t attempts = 0;
  uint64_t dead = 0;
  uint64_t spilled = 0;   // found no room in memory
  uint64_t unstored = 0;  // the store refused them: sent all the same, but lost with the process
  uint64_t lost = 0;      // neither memory nor the store had room
};

// Stores each message, sends it without waiting for the commit, and erases it when it was acknowledged; what
// a killed server had committed and not seen acknowledged is sent again at the next start: it may then arrive
// twice, but the first arrivals of a stream are in order. A message that its policy gives up is a dead
// letter, and those behind it go on; its policy may let them go earlier. Control thread.
class Outbox {
 public:
  // Adds what depends on the time of sending, or on a secret that must not be stored.
  using Signer = std::function<void(const Message& message, http::FetchRequest& request)>;
  // The answer to the last attempt that the policy allows; what `persist` tries later goes untold. Not called
  // after stop(), nor for messages of an earlier start or that waited in the store.
  using OnReply = std::function<void(const http::FetchResult& result)>;

  // All outlive it.
  Outbox(net::Loop& loop, base::Random& random, store::Store& store, http::Client& client,
         FetchSettings fetch, OutboxSettings settings);
  // stop() must have returned, unless the loop has ended.
  ~Outbox();

  void set_signer(const std::string& dialect, Signer signer);  // before resume()
  // Sends what an earlier start left behind. Once, when every signer is set, before the first deliver().
  void resume();
  void deliver(Message message, OnReply on_reply = {});
  // Makes a dead letter pending again, and sends it with all its attempts. NotFound.
  asio::awaitable<Result<void>> replay(std::string id);
  const OutboxStats& stats() const;

  // What is under way ends or is cancelled after `grace`; what was not acknowledged stays stored.
  asio::awaitable<void> stop(base::Duration grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sotto::webhook
