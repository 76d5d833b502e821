#pragma once

#include <unordered_map>

#include "base/limits.h"
#include "stream/session.h"

namespace sotto::stream {

struct Settings {
  bool private_targets = true;  // may URLs lead to this machine or its network
  std::string ca_file;          // PEM; empty: the system's authorities
  bool verify_tls = true;
  base::Duration deadline = std::chrono::seconds(5);         // of name and connection, and of the handshake
  base::Duration stall_max = base::limits::kStreamStallMax;  // of a server that takes nothing
};

// Every WebSocket that carries sound. Control thread. The loop outlives this. A connection that ends is not
// made again.
class Streams final : public telephony::Sockets {
 public:
  Streams(net::Loop& loop, Settings settings);
  Streams(const Streams&) = delete;
  ~Streams() override;  // drops every connection; nobody is told

  Result<uint32_t> rate_of(const call::SocketFraming& framing) const override;
  Id open(Opening opening, Sound sound, OnNews on_news) override;
  void send_digit(Id socket, char digit, std::chrono::milliseconds length) override;
  void close(Id socket) override;

  const Counters& counters() const { return *counters_; }
  size_t size() const { return sessions_.size(); }

 private:
  Result<net::WebSocketDial> dial_of(const Opening& opening, const Parameters& parameters);
  Result<std::shared_ptr<net::TlsContext>> tls();

  // Constant after construction.
  net::Loop& loop_;
  const Settings settings_;

  const std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
  std::shared_ptr<net::TlsContext> tls_;  // from the first wss URL on
  std::unordered_map<Id, std::shared_ptr<Session>> sessions_;
  uint64_t next_id_ = 1;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::stream
