#pragma once

#include <list>
#include <memory>

#include "base/limits.h"
#include "http/router.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "net/tls.h"

namespace sotto::http {

class Connection;

struct ServerOptions {
  net::Endpoint listen{net::Address(), 0};  // port 0: the system chooses, see Server::address()
  std::shared_ptr<net::TlsContext> tls;     // none: plain HTTP
  size_t connections_max = base::limits::kHttpConnectionsMax;
  size_t head_bytes_max = base::limits::kHttpHeadBytesMax;
  base::Duration head_time_max = base::limits::kHttpHeadTimeMax;
  base::Duration body_time_max = base::limits::kHttpBodyTimeMax;
  base::Duration idle_time_max = base::limits::kHttpIdleTimeMax;
  base::Duration write_time_max = base::limits::kHttpWriteTimeMax;
};

// What has happened since the start; `connections` and `requests_open` are of now.
struct ServerStats {
  size_t connections = 0;
  size_t requests_open = 0;
  uint64_t connections_total = 0;
  uint64_t connections_dropped = 0;  // at connections_max: the longest idle, or the newcomer
  uint64_t requests_total = 0;
  uint64_t answers_4xx = 0;
  uint64_t answers_5xx = 0;
  uint64_t timeouts = 0;
};

// An HTTP/1.1 server on one address. Control thread. Started in a bench or a test by:
//   net::Loop loop; http::Router router; router.add(Method::Get, "/hello", hello);
//   auto server = http::Server::start(loop, router, {.listen = *net::parse_endpoint("127.0.0.1:0")});
//   loop.run();
class Server {
 public:
  // `loop` and `router` outlive the server; the router no longer changes.
  static Result<std::unique_ptr<Server>> start(net::Loop& loop, const Router& router, ServerOptions options);
  // On a port that is open already: for who must know it before the router is filled. `options.listen` is not
  // looked at.
  static std::unique_ptr<Server> start(net::Loop& loop, const Router& router, ServerOptions options,
                                       net::TcpListener listener);
  ~Server();

  net::Endpoint address() const { return listener_.address(); }
  const ServerStats& stats() const { return stats_; }

  // Accepts no more, closes idle connections, lets requests under way be answered for `grace`, then cancels
  // them. Must have returned before the server is destroyed, unless the loop has ended.
  asio::awaitable<void> stop(base::Duration grace);

 private:
  friend class Connection;
  Server(net::Loop& loop, const Router& router, ServerOptions options, net::TcpListener listener);

  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(std::unique_ptr<net::TcpStream> stream);
  asio::awaitable<void> sweep();
  bool make_room();
  std::string_view date();

  // Constant after construction.
  net::Loop& loop_;
  const Router& router_;
  const ServerOptions options_;

  net::TcpListener listener_;
  std::list<Connection*> connections_;  // each in the coroutine that serves it; the longest untouched first
  ServerStats stats_;
  bool stopping_ = false;
  std::string date_;  // of the Date header, made anew each second
  base::TimePoint date_until_{};
  net::TaskGroup tasks_;
};

}  // namespace sotto::http
