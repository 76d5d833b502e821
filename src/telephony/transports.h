#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "net/loop_lag.h"
#include "net/tls.h"
#include "net/udp_socket.h"
#include "sip/transport.h"
#include "telephony/stream_transport.h"
#include "telephony/trace_ring.h"

namespace sotto::telephony {

// Every way that SIP comes in and goes out, as the stack's one Transport. Control thread.
class Transports final : public sip::Transport {
 public:
  struct Settings {
    net::Endpoint listen;              // UDP, and TCP on the same port; port 0: any that is free for both
    std::optional<net::Endpoint> tls;  // with `certificate`
    net::TlsServerOptions certificate;
    std::shared_ptr<net::TlsContext> context;  // in place of `certificate`, for an owner who reloads it
    net::TlsClientOptions authorities;         // whom we believe when we connect by TLS
    // What far ends can reach, in Via and Contact; empty: the address that our packets to them come from.
    std::string advertised_host;
  };
  struct Counters {
    uint64_t received = 0;
    uint64_t sent = 0;
    uint64_t send_failures = 0;
  };

  static Result<std::unique_ptr<Transports>> open(net::Loop& loop, const Settings& settings,
                                                  StreamTransport::Events events);

  bool send(const sip::Flow& flow, base::ByteView bytes) override;
  std::optional<sip::Flow> connect(const sip::Flow& flow) override;
  bool has_tcp() const override { return true; }
  std::string local_host_port(const sip::Flow& flow) const override;
  sip::Pressure pressure() const override;
  // Adds to the pressure how much of the sound is late, 0 to 1.
  void watch_sound(std::function<double()> late) { sound_late_ = std::move(late); }
  void note_received(const sip::Flow& flow, base::ByteView bytes) override { note(flow, bytes, false); }

  StreamTransport& streams() { return *streams_; }
  net::Endpoint udp_address() const { return udp_->local(); }
  std::optional<net::Endpoint> tls_address() const { return tls_address_; }
  // The host that far ends at that address know us by.
  std::string host_towards(const sip::Address& peer) const;
  const Counters& counters() const { return counters_; }
  TraceRing& trace() { return trace_; }

 private:
  Transports(net::Loop& loop, std::string advertised_host)
      : loop_(loop), advertised_host_(std::move(advertised_host)), lag_(loop) {}
  Result<void> open_udp_and_tcp(net::Loop& loop, const net::Endpoint& listen);
  Result<void> open_tls(const Settings& settings);
  void received(const sip::Flow& flow, base::ByteView bytes);
  uint16_t port_of(const sip::Flow& flow) const;
  void note(const sip::Flow& flow, base::ByteView bytes, bool sent);

  net::Loop& loop_;  // outlives this
  const std::string advertised_host_;
  const net::LoopLag lag_;
  std::function<double()> sound_late_ = [] { return 0.0; };
  StreamTransport::Events events_;
  std::unique_ptr<net::UdpSocket> udp_;
  std::unique_ptr<StreamTransport> streams_;
  std::optional<net::Endpoint> tls_address_;
  mutable std::unordered_map<sip::Address, std::string>
      hosts_;  // of ours, by peer: asking costs system calls
  Counters counters_;
  TraceRing trace_;
};

}  // namespace sotto::telephony
