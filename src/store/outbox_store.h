#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

// Webhook requests that must arrive: stored rendered, erased when acknowledged, kept as dead letters when
// given up.
namespace sotto::store {

struct Delivery {
  int64_t sequence = 0;  // given by the database; the order of adding
  std::string id;        // hex, made by who adds it
  std::string stream;    // deliveries of one stream go in order
  std::string account;
  std::string call;
  std::string dialect;  // whose DeliveryPolicy and signature
  std::string method;
  std::string url;
  std::string headers = "[]";  // JSON array of [name, value]
  std::string body;
  std::string policy = "{}";  // JSON that the dialect owns
  bool dead = false;
  int64_t attempts = 0;
  base::WallTime created;
  base::WallTime next_try;
  std::string last_error;
};

Result<void> add_delivery(Connection& connection, const Delivery& delivery);
// It was acknowledged.
Result<void> erase_delivery(Connection& connection, const std::string& id);
Result<void> note_attempt(Connection& connection, const std::string& id, base::WallTime next_try,
                          const std::string& error);
Result<void> bury_delivery(Connection& connection, const std::string& id, const std::string& error);
// A dead letter is to be sent again, with its attempts counted anew. NotFound when there is no such dead
// letter.
Result<void> revive_delivery(Connection& connection, const std::string& id, base::WallTime now);

Result<Delivery> find_delivery(Connection& connection, const std::string& id);
// Oldest first, after that sequence.
Result<std::vector<Delivery>> pending_deliveries(Connection& connection, int64_t after_sequence,
                                                 uint64_t count_max);
// The oldest of one stream, in order.
Result<std::vector<Delivery>> pending_of_stream(Connection& connection, const std::string& stream,
                                                uint64_t count_max);
struct PendingStream {
  std::string stream;
  int64_t first = 0;  // sequence of its oldest pending delivery
};
// Ordered by `first`, after that sequence.
Result<std::vector<PendingStream>> pending_streams(Connection& connection, int64_t after_first,
                                                   uint64_t count_max);
Result<std::vector<Delivery>> dead_deliveries(Connection& connection, const std::string& account,
                                              uint64_t offset,
                                              uint64_t count_max);  // newest first; all accounts when empty
// Pending and dead ones, oldest first.
Result<std::vector<Delivery>> deliveries_of_call(Connection& connection, const std::string& call,
                                                 uint64_t count_max);

}  // namespace sotto::store
