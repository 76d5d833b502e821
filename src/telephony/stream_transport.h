#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/web_socket.h"
#include "sip/address.h"

namespace sotto::telephony {

// SIP over what is a stream: TCP, TLS and WebSockets (RFC 3261 §18, RFC 5626, RFC 7118). Connections are
// reused both ways, kept alive where we opened them, and named by the `connection` of a flow. Control thread.
class StreamTransport {
 public:
  // Never called from inside a method of this class.
  struct Events {
    std::function<void(const sip::Flow& flow, base::ByteView message)> on_message;
    std::function<void(uint32_t connection)> on_closed;
  };
  struct Settings {
    net::TlsClientOptions
        authorities;  // whom we believe when we connect by TLS; read at the first such connection
    base::Duration keep_alive{std::chrono::seconds(30)};
  };
  struct Counters {
    uint64_t accepted = 0;
    uint64_t opened = 0;
    uint64_t refused = 0;  // over a limit
    uint64_t broken = 0;   // closed because their bytes were no SIP
  };

  // The loop outlives this.
  StreamTransport(net::Loop& loop, Settings settings, Events events);
  ~StreamTransport();  // closes everything; on_closed() is not called any more
  StreamTransport(const StreamTransport&) = delete;

  // Takes connections on that address, with TLS if there is a context. Returns the bound address.
  Result<net::Endpoint> listen(const net::Endpoint& where, std::shared_ptr<net::TlsContext> tls);

  // The flow with its connection named: one that is open to that peer, else a new one, which takes what is
  // sent meanwhile. Nullopt: the named one is gone, or there may not be more.
  std::optional<sip::Flow> connect(const sip::Flow& flow);
  // One whole message. False if the flow's connection is gone or its peer does not read.
  bool send(const sip::Flow& flow, base::ByteView message);
  // A WebSocket of subprotocol "sip" after its handshake. Returns when it has ended.
  asio::awaitable<void> serve(std::unique_ptr<net::WebSocket> socket);

  // The name that the certificate of that peer must bear; without one, its address.
  void expect_name(const sip::Address& peer, std::string host);
  std::optional<net::Endpoint> local(uint32_t connection) const;
  size_t connections() const;
  const Counters& counters() const;

 private:
  struct Connection;
  struct State;
  // Shared with the coroutines that serve connections: they may end after this.
  const std::shared_ptr<State> state_;
};

}  // namespace sotto::telephony
