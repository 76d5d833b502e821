#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

// Twilio's names for things: two capitals for the kind and 32 lower-case hex digits (twilio.md §4.1). Our own
// ids have as many bits, so a sid is only another spelling of one.
namespace sotto::twilio {

// The two letters and 32 digits, nothing else.
bool is_sid(std::string_view text, std::string_view prefix);

template <typename Tag>
std::string sid(std::string_view prefix, const base::Id<Tag>& id) {
  return std::string(prefix) + base::to_hex(id);
}

// Nothing for a sid of another kind or shape.
template <typename IdType>
std::optional<IdType> parse_sid(std::string_view text, std::string_view prefix) {
  if (!is_sid(text, prefix)) return std::nullopt;
  return base::parse_id<IdType>(text.substr(prefix.size()));
}

// For things that are known by a name alone: the same name always has the same sid.
std::string named_sid(std::string_view prefix, std::string_view name);

// For things that nothing but this dialect knows.
std::string new_sid(std::string_view prefix, base::Random& random);

}  // namespace sotto::twilio
