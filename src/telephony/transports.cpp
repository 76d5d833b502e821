#include "telephony/transports.h"

#include "telephony/addresses.h"

namespace sotto::telephony {
namespace {

constexpr int kPortTries = 20;  // for one that is free for UDP and TCP
constexpr size_t kHostsMax = 10'000;

std::string bracketed(const net::Address& address) {
  return address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
}

}  // namespace

Result<std::unique_ptr<Transports>> Transports::open(net::Loop& loop, const Settings& settings,
                                                     StreamTransport::Events events) {
  std::unique_ptr<Transports> made(new Transports(loop, settings.advertised_host));
  made->events_ = std::move(events);
  Transports* self = made.get();
  made->streams_ = std::make_unique<StreamTransport>(
      loop, StreamTransport::Settings{settings.authorities},
      StreamTransport::Events{
          [self](const sip::Flow& flow, base::ByteView bytes) { self->received(flow, bytes); },
          [self](uint32_t connection) { self->events_.on_closed(connection); }});
  if (auto opened = made->open_udp_and_tcp(loop, settings.listen); !opened) return fail(opened.error());
  if (auto opened = made->open_tls(settings); !opened) return fail(opened.error());
  return made;
}

// RFC 3261 §18.2.1 wants both on one port; what the system chose for one may be taken for the other.
Result<void> Transports::open_udp_and_tcp(net::Loop& loop, const net::Endpoint& listen) {
  Result<net::Endpoint> tcp = fail(ErrorCode::Conflict, "no port is free");
  for (int i = 0; i < (listen.port == 0 ? kPortTries : 1) && !tcp; ++i) {
    auto udp = net::UdpSocket::open(loop, listen, [this](const net::Endpoint& from, base::ByteView bytes) {
      sip::Flow flow;
      flow.peer = to_sip(from);
      received(flow, bytes);
    });
    if (!udp) return fail(udp.error());
    udp_ = std::move(*udp);
    tcp = streams_->listen({listen.address, udp_->local().port}, nullptr);
  }
  if (!tcp) return fail(tcp.error());
  return {};
}

Result<void> Transports::open_tls(const Settings& settings) {
  if (!settings.tls) return {};
  std::shared_ptr<net::TlsContext> context = settings.context;
  if (!context) {
    auto made = net::TlsContext::server(settings.certificate);
    if (!made) return fail(made.error());
    context = std::move(*made);
  }
  auto address = streams_->listen(*settings.tls, std::move(context));
  if (!address) return fail(address.error());
  tls_address_ = *address;
  return {};
}

void Transports::received(const sip::Flow& flow, base::ByteView bytes) {
  ++counters_.received;
  events_.on_message(flow, bytes);
}

void Transports::note(const sip::Flow& flow, base::ByteView bytes, bool sent) {
  const sip::Address local = to_sip(udp_->local());
  trace_.add(
      {loop_.clock().wall(), sent, flow.protocol, local, flow.peer, std::string(base::as_text(bytes))});
}

bool Transports::send(const sip::Flow& flow, base::ByteView bytes) {
  const bool sent = flow.protocol == sip::Protocol::Udp ? udp_->send(to_net(flow.peer), bytes)
                                                        : streams_->send(flow, bytes);
  ++(sent ? counters_.sent : counters_.send_failures);
  if (sent) note(flow, bytes, true);
  return sent;
}

std::optional<sip::Flow> Transports::connect(const sip::Flow& flow) {
  return flow.protocol == sip::Protocol::Udp ? flow : streams_->connect(flow);
}

sip::Pressure Transports::pressure() const {
  return {udp_->backlog(), lag_.lag(), sound_late_()};
}

std::string Transports::host_towards(const sip::Address& peer) const {
  if (!advertised_host_.empty()) return advertised_host_;
  const net::Address bound = udp_->local().address;
  if (!bound.is_unspecified()) return bracketed(bound);
  sip::Address key = peer;
  key.port = 0;
  if (const auto known = hosts_.find(key); known != hosts_.end()) return known->second;
  const auto source = net::source_address(to_net(peer));
  if (!source) return bracketed(bound);
  if (hosts_.size() >= kHostsMax) hosts_.clear();
  return hosts_[key] = bracketed(*source);
}

uint16_t Transports::port_of(const sip::Flow& flow) const {
  if (flow.protocol == sip::Protocol::Tls && tls_address_) return tls_address_->port;
  const bool by_connection = flow.protocol != sip::Protocol::Udp && flow.protocol != sip::Protocol::Tcp;
  const auto local = by_connection ? streams_->local(flow.connection) : std::nullopt;
  return local ? local->port : udp_->local().port;
}

std::string Transports::local_host_port(const sip::Flow& flow) const {
  return host_towards(flow.peer) + ":" + std::to_string(port_of(flow));
}

}  // namespace sotto::telephony
