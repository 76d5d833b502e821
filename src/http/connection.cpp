#include "http/connection.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.h"
#include "net/web_socket.h"

namespace sotto::http {
namespace {

constexpr size_t kReadBytes = 2048;            // of the buffer of an idle connection
constexpr size_t kReadBytesLarge = 64 * 1024;  // while a body comes in
constexpr size_t kOutKeepBytes = 16 * 1024;    // a buffer that has grown beyond this is given back
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A line break in a value would let whoever chose it write headers of his own.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(canonical_header_name(name)).append(": ");
  const size_t start = out.size();
  out.append(value);
  for (size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
  out.append("\r\n");
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

}  // namespace

Response Connection::render(const Problem& problem) const {
  return server_.router_.mount_of(problem.path).render_error(problem);
}

Connection::Connection(Server& server, std::unique_ptr<net::Stream> stream)
    : server_(server),
      stream_(std::move(stream)),
      parser_({server.options_.head_bytes_max, base::limits::kHttpBodyBytesMax}) {
  place_ = server_.connections_.insert(server_.connections_.end(), this);
  ++server_.stats_.connections;
  enter(Phase::Idle);
}

Connection::~Connection() {
  server_.connections_.erase(place_);
  --server_.stats_.connections;
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  const ServerOptions& options = server_.options_;
  const base::TimePoint now = server_.loop_.clock().now();
  switch (phase) {
    case Phase::Idle:
      // The longest idle is at the front: the first to go when there is no room.
      server_.connections_.splice(server_.connections_.end(), server_.connections_, place_);
      deadline_ = now + options.idle_time_max;
      break;
    case Phase::Head: deadline_ = now + options.head_time_max; break;
    case Phase::Body: deadline_ = now + options.body_time_max; break;
    case Phase::Writing: deadline_ = now + options.write_time_max; break;
    case Phase::Lingering: deadline_ = now + base::limits::kHttpLingerMax; break;
    case Phase::Handling:
    case Phase::Handed: deadline_ = base::TimePoint::max(); break;
  }
}

void Connection::check_time(base::TimePoint now) {
  if (now < deadline_) return;
  deadline_ = base::TimePoint::max();
  const bool answerable = phase_ == Phase::Head || phase_ == Phase::Body;
  if (answerable) ++server_.stats_.timeouts;
  timed_out_ = answerable;
  if (!stream_) return;
  if (answerable) {
    stream_->cancel();
  } else {
    stream_->close();
  }
}

void Connection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::Idle) stream_->close();
}

asio::awaitable<void> Connection::run() {
  while (keep_alive_ && !server_.stopping_) {
    const bool has_head = co_await read_head();
    if (!has_head) co_return;
    co_await answer_request();
    if (phase_ == Phase::Handed) co_return;
    if (!keep_alive_ || server_.stopping_) break;
    previous_unframed_ = parser_.head().framing == Framing::None;
    parser_.restart();
  }
  if (phase_ != Phase::Idle) co_await linger();
}

// False at the end of the stream, on an error, and when it took too long.
asio::awaitable<bool> Connection::read_more() {
  const size_t had = buffer_.size();
  const size_t room = phase_ == Phase::Body ? kReadBytesLarge : kReadBytes;
  buffer_.resize(had + room);
  auto count = co_await stream_->read_some(std::span(buffer_).subspan(had));
  buffer_.resize(had + count.value_or(0));
  co_return count&&* count > 0;
}

// False when the connection ends here; whatever had to be answered has been.
asio::awaitable<bool> Connection::read_head() {
  enter(Phase::Idle);
  while (true) {
    if (phase_ == Phase::Idle && !buffer_.empty()) enter(Phase::Head);
    std::string_view input = buffer_;
    const auto state = parser_.advance(input);
    buffer_.erase(0, buffer_.size() - input.size());
    if (state == RequestParser::State::Body) co_return true;
    if (state == RequestParser::State::Refused) {
      const Refusal refusal = parser_.refusal();
      keep_alive_ = false;
      // The unframed body of the request before: its sender awaits no second answer.
      if (!refusal.junk || !previous_unframed_)
        co_await refuse(refusal.status, refusal.detail, parser_.head().path);
      co_await linger();
      co_return false;
    }
    const bool more = co_await read_more();
    if (more) continue;
    if (timed_out_) {
      co_await refuse(408, "the head of the request took too long", "");
      co_await linger();
    }
    co_return false;
  }
}

asio::awaitable<bool> Connection::read_body(size_t bytes_max) {
  enter(Phase::Body);
  if (parser_.limit_body(bytes_max) == RequestParser::State::Body) {
    if (parser_.head().expects_continue && buffer_.empty()) co_await stream_->write(kContinue);
    while (true) {
      std::string_view input = buffer_;
      const auto state = parser_.advance(input);
      buffer_.erase(0, buffer_.size() - input.size());
      if (state == RequestParser::State::Done) co_return true;
      if (state == RequestParser::State::Refused) break;
      const bool more = co_await read_more();
      if (more) continue;
      keep_alive_ = false;
      if (timed_out_) co_await refuse(408, "the body of the request took too long", parser_.head().path);
      co_return false;
    }
  }
  keep_alive_ = false;
  const Refusal refusal = parser_.refusal();
  co_await refuse(refusal.status, refusal.detail, parser_.head().path);
  co_return false;
}

// What follows a request without framing headers and cannot start another: some clients send a DELETE's body
// so.
bool Connection::followed_by_junk() const {
  const size_t at = buffer_.find_first_not_of("\r\n");
  return at != std::string::npos && (buffer_[at] < 'A' || buffer_[at] > 'Z');
}

asio::awaitable<void> Connection::answer_request() {
  const RequestHead& head = parser_.head();
  keep_alive_ = keep_alive_ && head.keep_alive;
  const Mount& mount = server_.router_.mount_of(head.path);
  const Router::Match match = server_.router_.match(head.method, head.path);
  const std::string path = head.path;
  const bool with_body = head.method != Method::Head;
  const bool has_body = co_await read_body(mount.body_bytes_max);
  if (!has_body) co_return;
  // Such a body may still be on its way: nothing that comes after a DELETE without framing can be trusted.
  if (head.framing == Framing::None && (head.method == Method::Delete || followed_by_junk()))
    keep_alive_ = false;
  ++server_.stats_.requests_total;
  const std::string_view coding = head.headers.get("Content-Encoding");
  if (!coding.empty() && !equals_ignoring_case(coding, "identity")) {
    co_await refuse(415, "the Content-Encoding is not supported", path);
    co_return;
  }
  if (!match.handler && !match.websocket) {
    const bool wrong_method = match.status == 405;
    const Problem problem{match.status,
                          wrong_method          ? "the method is not allowed here"
                          : match.status == 400 ? "the path is malformed"
                                                : "there is nothing at this path",
                          head.method, path};
    Response response = render(problem);
    if (wrong_method) response.headers.set("Allow", match.allow);
    co_await send(std::move(response), with_body);
    co_return;
  }
  Request request = take_request();
  request.parameters = match.parameters;
  const bool upgrade = match.websocket && request.headers.has_token("Upgrade", "websocket");
  if (upgrade || !match.handler) {
    co_await hand_over(*match.websocket, std::move(request));
    co_return;
  }
  enter(Phase::Handling);
  Response response = co_await call_handler(*match.handler, std::move(request));
  co_await send(std::move(response), with_body);
}

Request Connection::take_request() {
  RequestHead& head = parser_.head();
  Request request;
  request.method = head.method;
  request.target = std::move(head.target);
  request.path = std::move(head.path);
  request.query_text = std::move(head.query_text);
  request.host = std::move(head.host);
  request.headers = std::move(head.headers);
  request.body = std::move(parser_.body());
  request.peer = stream_->peer();
  request.secure = stream_->secure();
  return request;
}

asio::awaitable<Response> Connection::call_handler(const Handler& handler, Request request) {
  struct Open {
    size_t& count;
    explicit Open(size_t& open) : count(open) { ++count; }
    ~Open() { --count; }
  } open(server_.stats_.requests_open);
  Problem problem{500, "the request could not be answered", request.method, request.path};
  try {
    co_return co_await handler(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;  // the server stops
    base::log(base::LogLevel::Error, "http", "a handler threw",
              {{"path", problem.path}, {"what", error.what()}});
  } catch (const std::exception& error) {
    base::log(base::LogLevel::Error, "http", "a handler threw",
              {{"path", problem.path}, {"what", error.what()}});
  }
  co_return render(problem);
}

asio::awaitable<void> Connection::refuse(int status, std::string detail, std::string path) {
  const Problem problem{status, std::move(detail), parser_.head().method, std::move(path)};
  timed_out_ = false;
  co_await send(render(problem), true);
}

void Connection::append_head(const Response& response, std::string_view content_length) {
  char status[8];
  const auto end = std::to_chars(status, status + sizeof(status), response.status).ptr;
  out_.append("HTTP/1.1 ")
      .append(status, end)
      .append(" ")
      .append(reason_phrase(response.status))
      .append("\r\n");
  out_.append("Date: ").append(server_.date()).append("\r\n");
  for (const auto& [name, value] : response.headers) append_field(out_, name, value);
  if (!content_length.empty()) out_.append("Content-Length: ").append(content_length).append("\r\n");
  if (chunked_) out_.append("Transfer-Encoding: chunked\r\n");
  out_.append(keep_alive_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

asio::awaitable<void> Connection::send(Response response, bool with_body) {
  enter(Phase::Writing);
  if (server_.stopping_) keep_alive_ = false;
  if (response.status >= 500) ++server_.stats_.answers_5xx;
  if (response.status >= 400 && response.status < 500) ++server_.stats_.answers_4xx;
  out_.clear();
  const bool bodiless = has_no_body(response.status);
  chunked_ = response.stream && !response.stream_length && !bodiless;
  head_only_ = !with_body;
  const uint64_t length = response.stream ? response.stream_length.value_or(0) : response.body.size();
  append_head(response, bodiless || chunked_ ? std::string() : std::to_string(length));
  const bool plain = with_body && !bodiless && !response.stream;
  auto written = co_await stream_->write(out_, plain ? std::string_view(response.body) : std::string_view());
  if (!written) keep_alive_ = false;
  if (out_.capacity() > kOutKeepBytes) out_ = {};
  if (written && response.stream && with_body && !bodiless) co_await stream_body(response);
}

asio::awaitable<void> Connection::stream_body(const Response& response) {
  co_await response.stream(*this);
  if (!chunked_) co_return;
  auto written = co_await stream_->write("0\r\n\r\n");
  if (!written) keep_alive_ = false;
}

asio::awaitable<Result<void>> Connection::write(std::string_view piece) {
  enter(Phase::Writing);
  if (piece.empty()) co_return Result<void>();
  std::string framed;
  if (chunked_) {
    char size[20];
    const auto end = std::to_chars(size, size + sizeof(size), piece.size(), 16).ptr;
    framed.append(size, end).append("\r\n").append(piece).append("\r\n");
    piece = framed;
  }
  auto written = co_await stream_->write(piece);
  if (!written) keep_alive_ = false;
  enter(Phase::Handling);  // the next piece comes when its writer has it
  co_return written;
}

// Closing with bytes unread resets the connection, and a reset can overtake the answer: RFC 9112 section 9.6.
asio::awaitable<void> Connection::linger() {
  if (phase_ == Phase::Lingering) co_return;
  enter(Phase::Lingering);
  stream_->shutdown_write();
  buffer_.resize(kReadBytesLarge);
  for (size_t dropped = 0; dropped < base::limits::kHttpLingerBytesMax;) {
    auto count = co_await stream_->read_some(buffer_);
    if (!count || *count == 0) co_return;
    dropped += *count;
  }
}

asio::awaitable<void> Connection::hand_over(const WebSocketRoute& route, Request request) {
  const std::string key(request.headers.get("Sec-WebSocket-Key"));
  if (!request.headers.has_token("Upgrade", "websocket") ||
      !request.headers.has_token("Connection", "upgrade") ||
      request.headers.get("Sec-WebSocket-Version") != "13" || key.size() != 24) {
    const Problem problem{426, "this path speaks WebSocket, version 13", request.method, request.path};
    Response response = render(problem);
    response.headers.set("Upgrade", "websocket");
    response.headers.set("Sec-WebSocket-Version", "13");
    co_await send(std::move(response), true);
    co_return;
  }
  std::string subprotocol;
  for (const std::string_view offered : request.headers.all("Sec-WebSocket-Protocol")) {
    for (const std::string_view name : split_list(offered)) {
      const auto& ours = route.subprotocols;
      if (subprotocol.empty() && std::find(ours.begin(), ours.end(), name) != ours.end()) subprotocol = name;
    }
  }
  if (subprotocol.empty() && !route.subprotocols.empty()) {
    co_await refuse(400, "none of the subprotocols is spoken here", request.path);
    co_return;
  }
  auto refusal = route.refuse ? route.refuse(request) : std::nullopt;
  if (refusal) {
    co_await send(std::move(*refusal), true);
    co_return;
  }
  enter(Phase::Handed);
  out_ =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Accept: " +
      net::web_socket_accept(key) + "\r\n";
  if (!subprotocol.empty()) out_ += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
  out_ += "\r\n";
  auto written = co_await stream_->write(out_);
  if (!written) co_return;
  auto socket = std::make_unique<net::WebSocket>(net::WebSocket::Side::Server, std::move(stream_),
                                                 std::move(buffer_), std::move(subprotocol));
  co_await route.handle(std::move(request), std::move(socket));
}

}  // namespace sotto::http
