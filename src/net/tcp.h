#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/loop.h"
#include "net/stream.h"

namespace sotto::net {

using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class TcpStream final : public Stream {
 public:
  explicit TcpStream(TcpSocket socket);

  asio::awaitable<Result<size_t>> read_some(std::span<char> into) override;
  asio::awaitable<Result<void>> write(std::string_view first, std::string_view second = {}) override;
  void cancel() override;
  void shutdown_write() override;
  void close() override;
  Endpoint local() const override { return local_; }
  Endpoint peer() const override { return peer_; }
  bool secure() const override { return false; }

  // The socket itself, for TLS on top. Nothing may be under way; this stream is closed afterwards.
  TcpSocket release();

 private:
  Error error_of(const boost::system::error_code& code) const;

  TcpSocket socket_;
  const Endpoint local_;
  const Endpoint peer_;
};

// Accepts connections on one address. Control thread.
class TcpListener {
 public:
  // An IPv6 wildcard takes IPv4 too. Fails with Conflict when the port is taken, Forbidden when it needs
  // privileges.
  static Result<TcpListener> listen(Loop& loop, const Endpoint& endpoint);

  Endpoint address() const { return address_; }
  // Fails with Exhausted when file descriptors have run out (worth a pause and another try), with Closed
  // after close().
  asio::awaitable<Result<std::unique_ptr<TcpStream>>> accept();
  void close();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
  TcpListener(Acceptor acceptor, Endpoint address) : acceptor_(std::move(acceptor)), address_(address) {}

  Acceptor acceptor_;
  Endpoint address_;
};

// Fails: Unreachable (refused, no route), TimedOut, Closed.
asio::awaitable<Result<std::unique_ptr<TcpStream>>> connect_tcp(Loop& loop, Endpoint endpoint,
                                                                base::Duration deadline);

}  // namespace sotto::net
