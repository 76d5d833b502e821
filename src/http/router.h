#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "http/request.h"
#include "http/response.h"

namespace sotto::net {
class WebSocket;
}

namespace sotto::http {

// Answers one request. A named coroutine; what it refers to outlives the server. An exception that leaves it
// is a 500.
using Handler = std::function<asio::awaitable<Response>(Request)>;

// What an answer that no handler makes is about: 400, 404, 405, 408, 413, 414, 415, 431, 500, 501, 503, 505.
struct Problem {
  int status = 500;
  std::string detail;  // a sentence for a person
  Method method = Method::Other;
  std::string path;  // empty if the request was not understood so far
};

// Puts a problem into the error envelope of a dialect. The server adds Allow to a 405, and Connection.
using ErrorRenderer = std::function<Response(const Problem&)>;

// {"error":"…"}: used where no prefix has its own.
Response render_plain_error(const Problem& problem);

// What holds for every path under a prefix.
struct Mount {
  ErrorRenderer render_error = render_plain_error;
  size_t body_bytes_max = base::limits::kHttpBodyBytesMax;
};

// A path that speaks WebSocket (RFC 6455).
struct WebSocketRoute {
  // Empty: none is agreed on. Else the first of the client's that is among them is, and a client without any
  // of them is refused with a 400.
  std::vector<std::string> subprotocols;
  // Refuses the handshake with an answer; empty admits all.
  std::function<std::optional<Response>(const Request&)> refuse;
  // Has the connection until it returns.
  std::function<asio::awaitable<void>(Request, std::unique_ptr<net::WebSocket>)> handle;
};

// Finds the handler of a path. Filled before the server starts, constant from then on.
//
// Patterns: "/v1/calls/{uuid}", "/Accounts/{sid}/Calls/{call}.json" (text before and after a parameter),
// "/pages/{page:int}" (digits), "/files/{id:uuid}", "/console/{path*}" (one or more segments, the last of a
// pattern). Text wins over parameters, a parameter with text around it over one without, and that over
// {path*}. Segments are compared and handed over percent-decoded, so "%2A" is "*" and an encoded slash does
// not split. Repeated slashes and one trailing slash do not matter. "." and ".." match nothing.
class Router {
 public:
  Router();
  ~Router();

  // A pattern that is malformed or taken is our bug. HEAD is answered by the handler of GET unless it has its
  // own.
  void add(Method method, std::string_view pattern, Handler handler);
  void add_websocket(std::string_view pattern, WebSocketRoute route);
  // The longest prefix of a path counts. "/" is the default.
  void mount(std::string_view prefix, Mount mount);

  struct Match {
    const Handler* handler = nullptr;
    const WebSocketRoute* websocket = nullptr;
    text::Parameters parameters;
    int status = 404;   // if there is neither: 400, 404, 405
    std::string allow;  // of a 405
  };
  Match match(Method method, std::string_view path) const;
  const Mount& mount_of(std::string_view path) const;
  // Every pattern with its methods, for tests and documentation: "GET /v1/calls/{uuid}".
  std::vector<std::string> list() const;

 private:
  struct Node;
  struct Leaf;
  struct Search;
  Leaf& leaf_of(std::string_view pattern);

  std::unique_ptr<Node> root_;
  std::vector<std::pair<std::string, Mount>> mounts_;  // longest prefix first
  std::vector<std::string> listed_;
};

}  // namespace sotto::http
