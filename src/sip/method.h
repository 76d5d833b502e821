#pragma once

#include <cstdint>
#include <string_view>

namespace sotto::sip {

// The methods we know by name. Anything else is Other and is told apart by its text.
enum class Method : uint8_t {
  Invite,
  Ack,
  Bye,
  Cancel,
  Register,
  Options,
  Prack,
  Update,
  Refer,
  Notify,
  Info,
  Subscribe,
  Message,
  Publish,
  Other
};

// Methods are case-sensitive (RFC 3261 §7.1).
Method method_from(std::string_view text);
std::string_view to_string(Method method);  // "" for Other

}  // namespace sotto::sip
