#pragma once

#include <memory>
#include <string>

#include "net/loop.h"
#include "net/tls.h"
#include "net/web_socket.h"

namespace sotto::net {

// Where a WebSocket client goes, and under which conditions.
struct WebSocketDial {
  std::string host;  // a name, or a literal address, IPv6 without its brackets
  uint16_t port = 80;
  std::shared_ptr<TlsContext> tls;  // none: plain
  WebSocketTarget target;
  bool private_targets = true;  // false: refused by is_private(), looked at after DNS
  base::Duration deadline =
      std::chrono::seconds(5);  // of name and connection, and once more of the handshake
};

// How far it came when it failed.
enum class DialStage : uint8_t { Name, PrivateTarget, Connect, Tls, Handshake };
struct DialError {
  DialStage stage = DialStage::Connect;
  Error error;
};
using DialResult = tl::expected<std::unique_ptr<WebSocket>, DialError>;

// Name, TCP to its addresses in turn, TLS, handshake. Control thread; the loop outlives it.
asio::awaitable<DialResult> dial_web_socket(Loop& loop, WebSocketDial dial);

}  // namespace sotto::net
