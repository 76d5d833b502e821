#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "call/ports.h"
#include "text/json.h"

// What call::SocketFraming::parameters may say: one JSON object, every member optional and
// null as good as absent. Empty text is an
// empty object. Refused with the member's name: another type, a value out of range, an unknown member.
//
// For both protocols:
//   "handshake"  object of text: HTTP headers of the handshake, such as Authorization
//   "note"       anything: the opener's own, not looked at
//   "buffer_ms"  1 to 600000: how much sound may wait to be played, 60000 where it does not say
// For "raw-l16":
//   "rate"       8000, 16000 or 24000 Hz; 16000 where it does not say
//   "greeting"   object: the first text frame, as it is
// For "json-mulaw":
//   "stream_prefix"  text before the hex of the stream's own id (of its tap, or of its leg)
//   "account", "call"  text, echoed
//   "custom"     object, echoed
namespace sotto::stream {

using std::chrono::milliseconds;

enum class Protocol { RawL16, JsonMulaw };

struct Parameters {
  Protocol protocol = Protocol::RawL16;
  std::vector<std::pair<std::string, std::string>> handshake;
  milliseconds buffer_max{60'000};
  uint32_t rate_hz = 16'000;  // json-mulaw: 8,000
  text::Json greeting;
  std::string stream_prefix;
  std::string account;
  std::string call;
  text::Json custom;
};

// Unsupported for a protocol that is not there.
Result<Parameters> parse_parameters(const call::SocketFraming& framing);

}  // namespace sotto::stream
