#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "text/uri.h"

// application/x-www-form-urlencoded: bodies and query strings, which share their syntax.
namespace sotto::text {

// Empty pieces (a leading '&', "a=1&&b=2") are skipped, a piece without '=' has an empty value, '+' is a
// space, bytes that are not UTF-8 become U+FFFD. TooLarge over kFormFieldsMax fields.
Result<Parameters> parse_form(std::string_view body);

// '+' for space, as browsers and Twilio's requests write it.
std::string encode_form(const Parameters& parameters);

}  // namespace sotto::text
