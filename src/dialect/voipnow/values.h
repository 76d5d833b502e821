#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "text/json.h"

// The types of UnifiedAPI (contract section 1.4), read strictly in form and leniently in meaning: a number
// may be a string. Pure.
namespace sotto::voipnow {

// Who a leg is shown to come from: "Dana Pop <+40215550147>".
struct CallerId {
  std::string name;
  std::string number;

  bool operator==(const CallerId&) const = default;
};

// A name without brackets and control characters, of at most 80 characters, then 1 to 32 of 0-9*+# in
// brackets; or such a number alone.
std::optional<CallerId> parse_caller_id(std::string_view text);
std::string to_text(const CallerId& caller_id);

// "0042*310" or "310".
bool is_extension(std::string_view text);
// Digits, with a '+' in front perhaps. A query string turns the plus into a space: that is read as one.
std::optional<std::string> parse_phone_number(std::string_view text);  // without the plus
bool is_object_id(std::string_view text);                              // look-up accepts [A-Za-z0-9_-]{1,255}
bool is_digits(std::string_view text);
// "0241" and "241" are one user.
std::string_view without_zeros(std::string_view digits);

// A whole number, or a string of decimal digits with a sign perhaps. Nothing for anything else.
std::optional<int64_t> read_number(const text::Json& value);
std::optional<int64_t> read_number(std::string_view text);
// A string, or a number as its digits.
std::optional<std::string> read_text(const text::Json& value);
// true, false, 1, 0, and their strings.
std::optional<bool> read_flag(const text::Json& value);
std::optional<bool> read_flag(std::string_view text);

// Views are "00", "01", ... "100"; "1" and 1 are "01".
std::string view_id(uint32_t number);
std::optional<uint32_t> read_view_id(const text::Json& value);

// A party as a view shows it: an extension, or a public number with its plus.
std::string party_text(const base::Address& address);

}  // namespace sotto::voipnow
