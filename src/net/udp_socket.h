#pragma once

#include <array>
#include <functional>

#include <boost/asio/ip/udp.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "net/endpoint.h"
#include "net/loop.h"

namespace sotto::net {

// A bound datagram socket on the control loop. What arrives is handed over one datagram at a time;
// `on_datagram` may send and may destroy nothing of the socket.
class UdpSocket {
 public:
  using OnDatagram = std::function<void(const Endpoint& from, base::ByteView bytes)>;

  static Result<std::unique_ptr<UdpSocket>> open(Loop& loop, const Endpoint& local, OnDatagram on_datagram);
  UdpSocket(Loop& loop, OnDatagram on_datagram);
  UdpSocket(const UdpSocket&) = delete;
  ~UdpSocket();

  // False if the kernel refuses: no route, no buffer. A datagram is never kept for later.
  bool send(const Endpoint& to, base::ByteView bytes);
  const Endpoint& local() const { return local_; }
  // Of what may wait to be read, the part that does: 0 to 1. Too much by up to a quarter while it is being
  // read, since the kernel tells late what it has let go. A system call.
  double backlog() const;

 private:
  void receive();

  asio::ip::udp::socket socket_;
  OnDatagram on_datagram_;
  Endpoint local_;  // constant once it is bound
  asio::ip::udp::endpoint from_;
  std::array<std::byte, 65536> buffer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::net
