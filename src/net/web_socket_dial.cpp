#include "net/web_socket_dial.h"

#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "net/deadline.h"
#include "net/one_shot.h"
#include "net/tcp.h"

namespace sotto::net {
namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;
using Endpoints = Result<std::vector<Endpoint>>;

tl::unexpected<DialError> fail_at(DialStage stage, Error error) {
  return tl::unexpected(DialError{stage, std::move(error)});
}

// The system's resolver cannot be interrupted: at the deadline its answer is no longer waited for.
struct NameQuery {
  explicit NameQuery(asio::io_context& context) : resolver(context.get_executor()), answer(context) {}
  Resolver resolver;
  OneShot<Endpoints> answer;
};

asio::awaitable<Endpoints> resolve(Loop& loop, std::string host, uint16_t port, base::Duration deadline) {
  boost::system::error_code not_an_address;
  const Address literal = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) co_return std::vector<Endpoint>{{literal, port}};
  const auto query = std::make_shared<NameQuery>(loop.context());
  query->resolver.async_resolve(
      host, std::to_string(port),
      [query, host](const boost::system::error_code& error, const Resolver::results_type& found) {
        if (error) return query->answer.set(fail(ErrorCode::NotFound, host + ": " + error.message()));
        std::vector<Endpoint> endpoints;
        for (const auto& entry : found) {
          endpoints.push_back({entry.endpoint().address(), entry.endpoint().port()});
        }
        query->answer.set(std::move(endpoints));
      });
  const Deadline late(loop, deadline, [&] {
    query->answer.set(fail(ErrorCode::TimedOut, host + ": no answer from the name server"));
  });
  co_return co_await query->answer.wait();
}

asio::awaitable<tl::expected<std::unique_ptr<TcpStream>, DialError>> connect(Loop& loop, WebSocketDial dial) {
  const base::TimePoint until = loop.clock().now() + dial.deadline;
  auto found = co_await resolve(loop, dial.host, dial.port, dial.deadline);
  if (!found) co_return fail_at(DialStage::Name, found.error());
  DialError last{DialStage::Name, {ErrorCode::NotFound, dial.host + ": it has no address"}};
  for (const Endpoint& endpoint : *found) {
    if (!dial.private_targets && is_private(endpoint.address)) {
      last = {DialStage::PrivateTarget,
              {ErrorCode::Forbidden, to_string(endpoint) + ": private targets are refused"}};
      continue;
    }
    const base::Duration left = until - loop.clock().now();
    if (left <= base::Duration::zero()) break;
    auto stream = co_await connect_tcp(loop, endpoint, left);
    if (stream) co_return std::move(*stream);
    last = {DialStage::Connect, stream.error()};
  }
  co_return tl::unexpected(std::move(last));
}

}  // namespace

asio::awaitable<DialResult> dial_web_socket(Loop& loop, WebSocketDial dial) {
  auto connected = co_await connect(loop, dial);
  if (!connected) co_return tl::unexpected(connected.error());
  std::unique_ptr<Stream> stream;
  if (dial.tls != nullptr) {
    auto secured = co_await connect_tls(loop, dial.tls, std::move(*connected), dial.host);
    if (!secured) co_return fail_at(DialStage::Tls, secured.error());
    stream = std::move(*secured);
  } else {
    stream = std::move(*connected);
  }
  Stream& under_way = *stream;
  const Deadline late(loop, dial.deadline, [&under_way] { under_way.cancel(); });
  auto socket = co_await connect_web_socket(std::move(stream), std::move(dial.target));
  if (!socket) co_return fail_at(DialStage::Handshake, socket.error());
  co_return std::move(*socket);
}

}  // namespace sotto::net
