#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "call/ports.h"
#include "dialect/twilio/callback_spec.h"

// Media streams (twilio.md §2.10) as the core opens them.
namespace sotto::twilio {

struct StreamOwner {
  call::LegId leg;
  std::string account_sid;
  std::function<std::string(const std::string& url)> sign;  // empty: the handshake is not signed
  bool unencrypted = false;                                 // ws:// is taken too
};

struct StreamSettings {
  std::string track = "inbound_track";
  Callback status;
  text::Json custom;  // name and value, sent with the stream's first message
};

// Fails: Unsupported for a scheme that is not wss, Invalid for what is no URL or has a query.
Result<call::StreamSpec> make_stream(const std::string& url, const std::string& name, bool both_ways,
                                     const StreamSettings& settings, const StreamOwner& owner);
// Where the app wants to be told of it.
Callback stream_callback(const call::StreamSpec& spec);

}  // namespace sotto::twilio
