#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/deadline.h"

namespace sotto::net {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

Endpoint endpoint_of(const asio::ip::tcp::endpoint& from) {
  return net::endpoint_of(*from.data());
}

// What an operation on a socket ran into, as far as a caller can do something about it.
ErrorCode code_of(const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor)
    return ErrorCode::Closed;
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) return ErrorCode::Closed;
  if (error == asio::error::connection_aborted || error == asio::error::not_connected)
    return ErrorCode::Closed;
  if (error == asio::error::timed_out) return ErrorCode::TimedOut;
  if (error == asio::error::address_in_use) return ErrorCode::Conflict;
  if (error == asio::error::access_denied) return ErrorCode::Forbidden;
  if (error == asio::error::no_descriptors || error == asio::error::no_memory) return ErrorCode::Exhausted;
  if (error == asio::error::no_buffer_space) return ErrorCode::Exhausted;
  return ErrorCode::Unreachable;
}

tl::unexpected<Error> fail_with(const boost::system::error_code& error, std::string what) {
  return fail(code_of(error), std::move(what) + ": " + error.message());
}

}  // namespace

TcpStream::TcpStream(TcpSocket socket)
    : socket_(std::move(socket)),
      local_([&] {
        boost::system::error_code error;
        return endpoint_of(socket_.local_endpoint(error));
      }()),
      peer_([&] {
        boost::system::error_code error;
        return endpoint_of(socket_.remote_endpoint(error));
      }()) {
  boost::system::error_code ignored;  // a socket that is already dead says so at the first read
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}

// close() closes the socket, cancel() only ends its operations.
Error TcpStream::error_of(const boost::system::error_code& code) const {
  if (code == asio::error::operation_aborted && socket_.is_open()) return {ErrorCode::TimedOut, "cancelled"};
  return {code_of(code), code.message()};
}

asio::awaitable<Result<size_t>> TcpStream::read_some(std::span<char> into) {
  auto [error, count] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), kAwait);
  if (error == asio::error::eof) co_return size_t{0};
  if (error) co_return fail(error_of(error));
  co_return count;
}

// Tries at once, which nearly always takes everything, and waits for room only if it must.
asio::awaitable<Result<void>> TcpStream::write(std::string_view first, std::string_view second) {
  while (!first.empty() || !second.empty()) {
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = first.empty() ? parts + 1 : parts;
    message.msg_iovlen = first.empty() || second.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      const size_t of_first = std::min(first.size(), static_cast<size_t>(sent));
      first.remove_prefix(of_first);
      second.remove_prefix(static_cast<size_t>(sent) - of_first);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return fail(error_of({errno, boost::system::system_category()}));
    auto [error] = co_await socket_.async_wait(TcpSocket::wait_write, kAwait);
    if (error) co_return fail(error_of(error));
  }
  co_return Result<void>();
}

void TcpStream::cancel() {
  boost::system::error_code ignored;  // nothing under way is what was wanted
  socket_.cancel(ignored);
}

void TcpStream::shutdown_write() {
  boost::system::error_code ignored;  // a peer that is gone needs no telling
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void TcpStream::close() {
  boost::system::error_code ignored;  // the descriptor is released in any case
  socket_.close(ignored);
}

TcpSocket TcpStream::release() {
  return std::move(socket_);
}

Result<TcpListener> TcpListener::listen(Loop& loop, const Endpoint& endpoint) {
  const asio::ip::tcp::endpoint where(endpoint.address, endpoint.port);
  Acceptor acceptor(loop.context().get_executor());
  boost::system::error_code error;
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error && endpoint.address.is_v6() && endpoint.address.is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (error) return fail_with(error, "cannot listen on " + to_string(endpoint));
  const Endpoint address = endpoint_of(acceptor.local_endpoint());
  return TcpListener(std::move(acceptor), address);
}

asio::awaitable<Result<std::unique_ptr<TcpStream>>> TcpListener::accept() {
  while (true) {
    TcpSocket socket(acceptor_.get_executor());
    auto [error] = co_await acceptor_.async_accept(socket, kAwait);
    if (!error) co_return std::make_unique<TcpStream>(std::move(socket));
    if (error == asio::error::connection_aborted) continue;  // it left while it was queued
    co_return fail_with(error, "accept");
  }
}

void TcpListener::close() {
  boost::system::error_code ignored;  // the descriptor is released in any case
  acceptor_.close(ignored);
}

asio::awaitable<Result<std::unique_ptr<TcpStream>>> connect_tcp(Loop& loop, Endpoint endpoint,
                                                                base::Duration deadline) {
  TcpSocket socket(loop.context().get_executor());
  Deadline late(loop, deadline, [&socket] {
    boost::system::error_code ignored;  // the waiting connect reports what happened
    socket.close(ignored);
  });
  const asio::ip::tcp::endpoint where(endpoint.address, endpoint.port);
  auto [error] = co_await socket.async_connect(where, kAwait);
  if (late.late())
    co_return fail(ErrorCode::TimedOut, "connecting to " + to_string(endpoint) + " took too long");
  if (error) co_return fail_with(error, "cannot connect to " + to_string(endpoint));
  co_return std::make_unique<TcpStream>(std::move(socket));
}

}  // namespace sotto::net
