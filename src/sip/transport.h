#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "sip/address.h"
#include "sip/uri.h"

namespace sotto::sip {

// The way out, implemented by the shell. Called on the control thread, from inside UserAgent's methods; must
// not call back into the UserAgent.
class Transport {
 public:
  virtual ~Transport() = default;
  // One whole message. False if it cannot be sent (connection gone, no route): the stack then ends what
  // depended on it. `bytes` are only valid during the call.
  virtual bool send(const Flow& flow, base::ByteView bytes) = 0;
  // What we write into Via and Contact on that flow: "host:port" as the far side may reach it.
  virtual std::string local_host_port(const Flow& flow) const = 0;
  // Where a URI that is no IP address leads (RFC 3263), if the shell has it in its cache. Without an answer,
  // the request goes where the dialog's messages came from.
  virtual std::optional<Flow> locate(const Uri&) { return std::nullopt; }
};

}  // namespace sotto::sip
