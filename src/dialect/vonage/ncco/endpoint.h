#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "call/ports.h"
#include "text/json_field.h"

namespace sotto::vonage {

// Whom to call, as POST /v1/calls and the connect action name it (vonage.md §2.3).
struct Endpoint {
  base::Address address;
  text::Json shown;    // as call objects show it: {"type":"phone","number":"..."}
  text::Json headers;  // of a WebSocket: copied into its events
  base::HeaderFields sip_headers;
  call::SocketFraming framing;  // of a WebSocket
  bool wants_token = false;     // of a WebSocket: our own is sent with its handshake
  std::string digits_on_answer;
  std::string whisper_url;  // onAnswer; empty: none
  std::string whisper_ringback;
};

// The framing of a WebSocket whose handshake carries this token. Without one, or where another authorization
// was given, as it is.
call::SocketFraming framing_with(const Endpoint& endpoint, const std::string& token);

bool is_sip_uri(std::string_view text);
Result<Endpoint> parse_endpoint(const text::JsonField& field);
// "to" and "from" of a call object and of webhooks.
text::Json shown_address(const base::Address& address);
std::string plain_address(const base::Address& address);
// Digits of a phone number however it is written; refused with the words that the service has for it.
Result<std::string> parse_phone_number(const text::JsonField& field);

}  // namespace sotto::vonage
