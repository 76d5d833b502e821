#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "sip/address.h"
#include "sip/overload.h"
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
  // The same flow with its connection named, so that the stack knows what depends on it: one that is open to
  // that peer, or one that is being opened. Nullopt if there can be none. Datagrams need none.
  virtual std::optional<Flow> connect(const Flow& flow) { return flow; }
  // Whether a request that is too large for a datagram may go to the same host and port by TCP instead.
  virtual bool has_tcp() const { return false; }
  // What we write into Via and Contact on that flow: "host:port" as the far side may reach it.
  virtual std::string local_host_port(const Flow& flow) const = 0;
  // Where a URI that is no IP address leads (RFC 3263), if the shell has it in its cache. Without an answer,
  // the request goes where the dialog's messages came from.
  virtual std::optional<Flow> locate(const Uri&) { return std::nullopt; }
  // Asked whenever a call is to begin.
  virtual Pressure pressure() const { return {}; }
  // A message that was received is looked at: all but those that are turned away in overload.
  virtual void note_received(const Flow&, base::ByteView) {}
};

}  // namespace sotto::sip
