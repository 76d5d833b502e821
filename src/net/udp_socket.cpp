#include "net/udp_socket.h"

#include <boost/asio/buffer.hpp>

namespace sotto::net {
namespace {

// How many datagrams one wake-up may handle before others get their turn.
constexpr int kBurst = 32;
constexpr int kReceiveBufferBytes = 4 * 1024 * 1024;

}  // namespace

UdpSocket::UdpSocket(Loop& loop, OnDatagram on_datagram)
    : socket_(loop.context()), on_datagram_(std::move(on_datagram)) {}

UdpSocket::~UdpSocket() {
  *alive_ = false;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(Loop& loop, const Endpoint& local,
                                                   OnDatagram on_datagram) {
  auto made = std::make_unique<UdpSocket>(loop, std::move(on_datagram));
  const asio::ip::udp::endpoint where(local.address, local.port);
  boost::system::error_code error;
  made->socket_.open(where.protocol(), error);
  if (!error) made->socket_.non_blocking(true, error);
  if (!error) made->socket_.set_option(asio::socket_base::receive_buffer_size(kReceiveBufferBytes), error);
  if (!error) made->socket_.bind(where, error);
  if (error) return fail(ErrorCode::Io, "UDP " + to_string(local) + ": " + error.message());
  made->receive();
  return made;
}

void UdpSocket::receive() {
  socket_.async_wait(
      asio::socket_base::wait_read, [this, alive = alive_](const boost::system::error_code& failed) {
        if (!*alive || failed == asio::error::operation_aborted) return;
        for (int i = 0; i < kBurst; ++i) {
          boost::system::error_code error;
          const size_t size = socket_.receive_from(asio::buffer(buffer_), from_, 0, error);
          if (error == asio::error::would_block) break;
          if (error)
            continue;  // an ICMP answer to something we sent earlier: the sender's timers deal with it
          on_datagram_(Endpoint{from_.address(), from_.port()}, base::ByteView(buffer_).first(size));
        }
        receive();
      });
}

bool UdpSocket::send(const Endpoint& to, base::ByteView bytes) {
  boost::system::error_code error;
  socket_.send_to(asio::buffer(bytes.data(), bytes.size()), asio::ip::udp::endpoint(to.address, to.port), 0,
                  error);
  return !error;
}

Endpoint UdpSocket::local() const {
  boost::system::error_code error;
  const auto bound = socket_.local_endpoint(error);
  return error ? Endpoint{} : Endpoint{bound.address(), bound.port()};
}

}  // namespace sotto::net
