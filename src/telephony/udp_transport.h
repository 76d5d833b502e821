#pragma once

#include <functional>
#include <memory>

#include "net/udp_socket.h"
#include "sip/transport.h"

namespace sotto::telephony {

// SIP over one UDP socket.
class UdpTransport final : public sip::Transport {
 public:
  using OnMessage = std::function<void(const sip::Flow& flow, base::ByteView bytes)>;

  // `advertised` is what far ends can reach; without an address, the bound one.
  static Result<std::unique_ptr<UdpTransport>> open(net::Loop& loop, const net::Endpoint& local,
                                                    const std::string& advertised_host, OnMessage on_message);

  bool send(const sip::Flow& flow, base::ByteView bytes) override;
  std::string local_host_port(const sip::Flow& flow) const override;
  net::Endpoint local() const { return socket_->local(); }

  struct Counters {
    uint64_t received = 0;
    uint64_t sent = 0;
    uint64_t send_failures = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  std::unique_ptr<net::UdpSocket> socket_;
  std::string advertised_host_;
  Counters counters_;
};

}  // namespace sotto::telephony
