#pragma once

#include <string>
#include <string_view>

#include "text/uri.h"

// X-Twilio-Signature (twilio.md §3.10): what lets an app know that a request comes from its server.
namespace sotto::twilio {

// `url` is what the app sees, taken to the byte; `form` is empty for a GET and for a JSON body.
std::string sign(std::string_view auth_token, std::string_view url, const text::Parameters& form);

// The URL as it is signed: without fragment and user, and for https without the port.
std::string signed_url(std::string_view url);

}  // namespace sotto::twilio
