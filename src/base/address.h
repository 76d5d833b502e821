#pragma once

#include <map>
#include <string>

// Somewhere that can be called or that called, before any routing. A dialect parses its own spelling into
// this.
namespace sotto::base {

struct Address {
  enum class Kind {
    Number,       // E.164 digits without plus, or what the trunk sent when it could not be normalised
    Phone,        // a registered phone, by extension ("0042*310")
    User,         // a registered phone, by user name ("alice")
    Sip,          // a whole SIP URI
    WebSocket,    // a ws:// or wss:// URI
    Application,  // one of our applications, by its id: a leg that loops back into us
    Anonymous,    // a caller who withheld his number
  };

  Kind kind = Kind::Anonymous;
  std::string text;
  std::string display_name;

  bool operator==(const Address&) const = default;
};

// Header fields that travel with a call attempt, names as on the wire.
using HeaderFields = std::multimap<std::string, std::string>;

}  // namespace sotto::base
