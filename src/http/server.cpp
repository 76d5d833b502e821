#include "http/server.h"

#include <algorithm>
#include <ctime>

#include "base/log.h"
#include "http/connection.h"

namespace sotto::http {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kSweepMin = 10ms;
constexpr base::Duration kSweepMax = 1s;
constexpr base::Duration kAcceptPause = 50ms;  // when file descriptors have run out

// Often enough that no limit is overrun by more than a quarter.
base::Duration sweep_interval(const ServerOptions& options) {
  const base::Duration shortest =
      std::min({options.head_time_max, options.body_time_max, options.idle_time_max, options.write_time_max});
  return std::clamp(shortest / 4, kSweepMin, kSweepMax);
}

}  // namespace

Server::Server(net::Loop& loop, const Router& router, ServerOptions options, net::TcpListener listener)
    : loop_(loop),
      router_(router),
      options_(std::move(options)),
      listener_(std::move(listener)),
      tasks_(loop.context()) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(net::Loop& loop, const Router& router, ServerOptions options) {
  auto listener = net::TcpListener::listen(loop, options.listen);
  if (!listener) return fail(listener.error());
  return start(loop, router, std::move(options), std::move(*listener));
}

std::unique_ptr<Server> Server::start(net::Loop& loop, const Router& router, ServerOptions options,
                                      net::TcpListener listener) {
  std::unique_ptr<Server> server(new Server(loop, router, std::move(options), std::move(listener)));
  server->tasks_.spawn(server->accept_all());
  server->tasks_.spawn(server->sweep());
  return server;
}

asio::awaitable<void> Server::accept_all() {
  while (!stopping_) {
    auto stream = co_await listener_.accept();
    if (stream) {
      ++stats_.connections_total;
      tasks_.spawn(serve(std::move(*stream)));
      continue;
    }
    if (stopping_ || stream.error().code == ErrorCode::Closed) co_return;
    base::log(base::LogLevel::Warning, "http", "cannot accept", {{"why", stream.error().detail}});
    co_await loop_.sleep(kAcceptPause);
  }
}

// Drops the longest idle connection for the newcomer. False if none is idle.
bool Server::make_room() {
  if (stats_.connections < options_.connections_max) return true;
  ++stats_.connections_dropped;
  for (Connection* connection : connections_) {
    if (!connection->idle()) continue;
    connection->drain();
    return true;
  }
  return false;
}

asio::awaitable<void> Server::serve(std::unique_ptr<net::TcpStream> stream) {
  if (!make_room()) co_return;
  std::unique_ptr<net::Stream> agreed;
  if (options_.tls) {
    auto secured = co_await net::accept_tls(loop_, options_.tls, std::move(stream));
    if (!secured) co_return;
    agreed = std::move(*secured);
  } else {
    agreed = std::move(stream);
  }
  Connection connection(*this, std::move(agreed));
  co_await connection.run();
}

asio::awaitable<void> Server::sweep() {
  const base::Duration interval = sweep_interval(options_);
  while (true) {
    co_await loop_.sleep(interval);
    const base::TimePoint now = loop_.clock().now();
    for (Connection* connection : connections_) connection->check_time(now);
  }
}

asio::awaitable<void> Server::stop(base::Duration grace) {
  stopping_ = true;
  listener_.close();
  for (Connection* connection : connections_) connection->drain();
  const base::TimePoint give_up = loop_.clock().now() + grace;
  while (!connections_.empty() && loop_.clock().now() < give_up)
    co_await loop_.sleep(std::min<base::Duration>(grace, 5ms));
  tasks_.close();
  co_await tasks_.join();
}

// One text a second serves every answer of it (RFC 9110 section 5.6.7).
std::string_view Server::date() {
  const base::TimePoint now = loop_.clock().now();
  if (now < date_until_) return date_;
  date_until_ = now + 1s;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(loop_.clock().wall());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  date_.assign(text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return date_;
}

}  // namespace sotto::http
