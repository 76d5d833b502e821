#pragma once

#include "dialect/twilio/shared.h"

namespace sotto::twilio {

// Sends what only tells: status callbacks of every kind. Stored until it is acknowledged. Control thread.
class Sender {
 public:
  explicit Sender(Shared& shared);  // outlives it

  struct To {
    std::string account;  // hex
    std::string stream;   // callbacks of one stream arrive in order: a leg's, a room's
    std::string call;     // hex, or empty
    std::optional<call::LegId> leg = std::nullopt;  // whom it is about: kept in that one's log
  };
  void send(const To& to, const Callback& callback, text::Parameters form);

 private:
  Shared& shared_;
};

// Adds the signature to a stored message when it is sent.
void sign_message(const Shared& shared, const webhook::Message& message, http::FetchRequest& request);

}  // namespace sotto::twilio
