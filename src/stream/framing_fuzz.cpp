#include <cstddef>
#include <cstdint>
#include <string>

#include "stream/framing.h"

// The first byte chooses: parameters, or a frame for one of the protocols.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool raw = (data[0] & 1) != 0;
  const call::SocketFraming framing{raw ? "raw-l16" : "json-mulaw",
                                    (data[0] & 4) != 0 ? rest : std::string()};
  const auto parameters = stream::parse_parameters(framing);
  if (!parameters) return 0;
  const auto protocol = stream::make_framing(*parameters, {"01", {"inbound"}}, stream::Ways::Both);
  for (const stream::Frame& frame : protocol->opening()) static_cast<void>(protocol->read(frame));
  const auto kind = (data[0] & 2) != 0 ? net::WebSocket::Kind::Binary : net::WebSocket::Kind::Text;
  const stream::Received received = protocol->read({kind, rest});
  if (const auto* mark = std::get_if<stream::Mark>(&received))
    static_cast<void>(protocol->reached(mark->name));
  return 0;
}
