#include "net/udp_socket.h"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace sotto::net {
namespace {

// How many datagrams one wake-up may handle before others get their turn.
constexpr int kBurst = 32;
// The kernel doubles it, for what it needs besides: some 1,000 messages, which is 100 ms of work. What would
// wait longer comes again before it is read.
constexpr int kReceiveBufferBytes = 1024 * 1024;

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
  const auto bound = error ? asio::ip::udp::endpoint() : made->socket_.local_endpoint(error);
  if (error) return fail(ErrorCode::Io, "UDP " + to_string(local) + ": " + error.message());
  made->local_ = {bound.address(), bound.port()};
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

double UdpSocket::backlog() const {
  std::array<uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  const int socket = const_cast<asio::ip::udp::socket&>(socket_).native_handle();
  // Where the kernel does not say, nothing is known to wait.
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  const double room = memory[SK_MEMINFO_RCVBUF];
  return room > 0 ? std::min(1.0, memory[SK_MEMINFO_RMEM_ALLOC] / room) : 0;
}

}  // namespace sotto::net
