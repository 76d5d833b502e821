#include "telephony/udp_transport.h"

#include "telephony/addresses.h"

namespace sotto::telephony {

Result<std::unique_ptr<UdpTransport>> UdpTransport::open(net::Loop& loop, const net::Endpoint& local,
                                                         const std::string& advertised_host,
                                                         OnMessage on_message) {
  auto made = std::make_unique<UdpTransport>();
  made->advertised_host_ = advertised_host;
  auto* self = made.get();
  auto socket = net::UdpSocket::open(
      loop, local,
      [self, on_message = std::move(on_message)](const net::Endpoint& from, base::ByteView bytes) {
        ++self->counters_.received;
        sip::Flow flow;
        flow.protocol = sip::Protocol::Udp;
        flow.peer = to_sip(from);
        on_message(flow, bytes);
      });
  if (!socket) return fail(socket.error());
  made->socket_ = std::move(*socket);
  return made;
}

bool UdpTransport::send(const sip::Flow& flow, base::ByteView bytes) {
  if (flow.protocol != sip::Protocol::Udp) return false;
  const bool sent = socket_->send(to_net(flow.peer), bytes);
  ++(sent ? counters_.sent : counters_.send_failures);
  return sent;
}

std::string UdpTransport::local_host_port(const sip::Flow&) const {
  net::Endpoint where = socket_->local();
  if (advertised_host_.empty()) return net::to_string(where);
  return advertised_host_ + ":" + std::to_string(where.port);
}

}  // namespace sotto::telephony
