#pragma once

#include <string>

#include "http/headers.h"
#include "http/method.h"
#include "store/outbox_store.h"
#include "webhook/delivery_policy.h"

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

// As the store keeps it. `stream` may differ from the message's own.
store::Delivery to_delivery(const Message& message, std::string id, std::string stream, base::WallTime now);
// Invalid when a row was damaged.
Result<Message> to_message(store::Delivery delivery);

// What it holds in memory, roughly.
size_t size_of(const Message& message);

// Scheme, host and port of a URL: whom a message goes to.
std::string_view receiver_of(std::string_view url);

}  // namespace sotto::webhook
