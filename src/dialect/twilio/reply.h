#pragma once

#include "dialect/twilio/twiml/parser.h"

namespace sotto::twilio {

// What an app's answer means for the call: by its type a TwiML document, sound, or text to be read
// (twilio.md §1.1). `url` is where the answer came from, after redirects.
Parsed read_reply(int status, std::string_view content_type, std::string_view body, const std::string& url,
                  Context context);

// What a caller hears when there is neither a document nor a fallback, and then the end.
std::shared_ptr<const flow::Program> application_error(flow::Role role);

}  // namespace sotto::twilio
