#include "net/udp_socket.h"

#include <algorithm>
#include <array>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace sotto::net {
namespace {

constexpr size_t kDatagramBytesMax = 65536;
// The kernel doubles it, for what it needs besides: some 1,000 messages, which is 100 ms of work. What would
// wait longer comes again before it is read.
constexpr int kReceiveBufferBytes = 1024 * 1024;

}  // namespace

// What one system call takes, and one wake-up handles before others get their turn.
struct UdpSocket::Batch {
  explicit Batch(size_t count)
      : bytes(std::make_unique_for_overwrite<std::byte[]>(count * kDatagramBytesMax)),
        parts(count),
        from(count),
        headers(count) {
    for (size_t i = 0; i < count; ++i) {
      parts[i] = {.iov_base = &bytes[i * kDatagramBytesMax], .iov_len = kDatagramBytesMax};
      msghdr& header = headers[i].msg_hdr;
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      header.msg_name = from[i].data();
    }
  }
  size_t size() const { return headers.size(); }
  // How many there were; less than 0: an error.
  int take(int socket) {
    for (size_t i = 0; i < size(); ++i) {
      headers[i].msg_hdr.msg_namelen = static_cast<socklen_t>(from[i].capacity());
    }
    return ::recvmmsg(socket, headers.data(), static_cast<unsigned>(size()), MSG_DONTWAIT, nullptr);
  }
  Endpoint sender(size_t i) {
    from[i].resize(headers[i].msg_hdr.msg_namelen);
    return {from[i].address(), from[i].port()};
  }
  base::ByteView datagram(size_t i) const { return {&bytes[i * kDatagramBytesMax], headers[i].msg_len}; }

  // Memory that the system gives only where a datagram comes to lie.
  const std::unique_ptr<std::byte[]> bytes;
  std::vector<iovec> parts;
  std::vector<asio::ip::udp::endpoint> from;
  std::vector<mmsghdr> headers;
};

UdpSocket::UdpSocket(Loop& loop, OnDatagram on_datagram, size_t at_once)
    : socket_(loop.context()),
      on_datagram_(std::move(on_datagram)),
      batch_(std::make_unique<Batch>(at_once)) {}

UdpSocket::~UdpSocket() {
  *alive_ = false;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(Loop& loop, const Endpoint& local, OnDatagram on_datagram,
                                                   size_t at_once) {
  auto made = std::make_unique<UdpSocket>(loop, std::move(on_datagram), at_once);
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
  socket_.async_wait(asio::socket_base::wait_read,
                     [this, alive = alive_](const boost::system::error_code& failed) {
                       if (!*alive || failed == asio::error::operation_aborted) return;
                       take_batch();
                       receive();
                     });
}

// An error is an ICMP answer to something we sent earlier: the sender's timers deal with it.
void UdpSocket::take_batch() {
  const int taken = batch_->take(socket_.native_handle());
  if (taken <= 0) return;
  const auto count = static_cast<size_t>(taken);
  left_by_batch_ = count < batch_->size() ? std::optional(0.0) : std::nullopt;
  handing_over_ = true;
  for (size_t i = 0; i < count; ++i) on_datagram_(batch_->sender(i), batch_->datagram(i));
  handing_over_ = false;
}

bool UdpSocket::send(const Endpoint& to, base::ByteView bytes) {
  boost::system::error_code error;
  socket_.send_to(asio::buffer(bytes.data(), bytes.size()), asio::ip::udp::endpoint(to.address, to.port), 0,
                  error);
  return !error;
}

double UdpSocket::backlog() {
  if (!handing_over_) return measure_backlog();
  if (!left_by_batch_) left_by_batch_ = measure_backlog();
  return *left_by_batch_;
}

double UdpSocket::measure_backlog() {
  std::array<uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  // Where the kernel does not say, nothing is known to wait.
  if (::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  const double room = memory[SK_MEMINFO_RCVBUF];
  return room > 0 ? std::min(1.0, memory[SK_MEMINFO_RMEM_ALLOC] / room) : 0;
}

}  // namespace sotto::net
