#pragma once

#include <functional>
#include <memory>
#include <optional>

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

  // One that is read `at_once` datagrams a system call, and takes memory for so many.
  static Result<std::unique_ptr<UdpSocket>> open(Loop& loop, const Endpoint& local, OnDatagram on_datagram,
                                                 size_t at_once = 32);
  UdpSocket(Loop& loop, OnDatagram on_datagram, size_t at_once);
  UdpSocket(const UdpSocket&) = delete;
  ~UdpSocket();

  // False if the kernel refuses: no route, no buffer. A datagram is never kept for later.
  bool send(const Endpoint& to, base::ByteView bytes);
  const Endpoint& local() const { return local_; }
  // Of what may wait to be read, the part that does: 0 to 1. Too much by up to a quarter while it is being
  // read, since the kernel tells late what it has let go. A system call, but one for all that was read at
  // once.
  double backlog();

 private:
  struct Batch;
  void receive();
  void take_batch();
  double measure_backlog();

  asio::ip::udp::socket socket_;
  OnDatagram on_datagram_;
  Endpoint local_;  // constant once it is bound
  std::unique_ptr<Batch> batch_;
  bool handing_over_ = false;
  std::optional<double> left_by_batch_;  // the backlog behind those that are handed over, once measured
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::net
