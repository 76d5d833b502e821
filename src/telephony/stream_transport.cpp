#include "telephony/stream_transport.h"

#include <list>
#include <map>
#include <unordered_map>

#include "base/limits.h"
#include "base/log.h"
#include "net/deadline.h"
#include "net/tcp.h"
#include "sip/stream_framer.h"
#include "telephony/addresses.h"

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;
namespace limits = base::limits;

constexpr std::string_view kPing = "\r\n\r\n";  // RFC 5626 §4.4.1
constexpr std::string_view kPong = "\r\n";
constexpr base::Duration kAcceptPause = 50ms;    // when file descriptors have run out
constexpr base::Duration kHandshakePause = 5ms;  // when too many handshakes are under way
constexpr base::Duration kSweepInterval = 5s;

}  // namespace

// Shared by its reader and its writer, of which either may be the last to end.
struct StreamTransport::Connection {
  sip::Flow flow;
  std::unique_ptr<net::Stream> stream;  // one of these two; none while it is being opened
  std::unique_ptr<net::WebSocket> socket;
  std::string queued;
  bool outbound = false;
  bool writing = false;
  bool closed = false;
  bool proven = false;  // a whole message has come
  base::TimePoint heard{};
  base::TimePoint kept_alive{};

  void close() {
    closed = true;
    if (stream) stream->close();
    if (socket) socket->close_now();
  }
};

struct StreamTransport::State {
  State(net::Loop& loop_in, Settings settings_in, Events events_in)
      : loop(loop_in), settings(std::move(settings_in)), events(std::move(events_in)) {}

  using Shared = std::shared_ptr<State>;
  using Link = std::shared_ptr<Connection>;

  static asio::awaitable<void> accept_all(Shared self, net::TcpListener* listener,
                                          std::shared_ptr<net::TlsContext> tls);
  static asio::awaitable<void> take(Shared self, std::unique_ptr<net::TcpStream> tcp,
                                    std::shared_ptr<net::TlsContext> tls);
  static asio::awaitable<void> open(Shared self, Link link, std::string name);
  static asio::awaitable<void> flush(Shared self, Link link);
  static asio::awaitable<void> say(Shared self, Link link, std::string message);
  static asio::awaitable<void> read_stream(Shared self, Link link);
  static asio::awaitable<void> read_socket(Shared self, Link link);
  static asio::awaitable<void> sweep(Shared self);

  Link add(sip::Protocol protocol, const sip::Address& peer);
  void remove(const Link& link);
  bool load_authorities();
  bool queue(const Shared& self, const Link& link, std::string_view bytes);
  bool deliver(const Shared& self, const Link& link, sip::StreamFramer& framer);
  void check(const Shared& self, const Link& link, base::TimePoint now);

  net::Loop& loop;
  const Settings settings;
  Events events;
  std::list<net::TcpListener> listeners;
  std::unordered_map<uint32_t, Link> connections;
  std::map<std::pair<sip::Protocol, sip::Address>, uint32_t> by_peer;
  std::unordered_map<sip::Address, std::string> names;
  std::shared_ptr<net::TlsContext> tls_client;
  Counters counters;
  uint32_t next_id = 1;
  size_t handshakes = 0;
  bool stopped = false;
};

StreamTransport::State::Link StreamTransport::State::add(sip::Protocol protocol, const sip::Address& peer) {
  auto link = std::make_shared<Connection>();
  link->flow = {protocol, next_id++, peer};
  link->heard = link->kept_alive = loop.clock().now();
  connections[link->flow.connection] = link;
  by_peer[{protocol, peer}] = link->flow.connection;
  return link;
}

void StreamTransport::State::remove(const Link& link) {
  link->close();
  if (connections.erase(link->flow.connection) == 0) return;
  const auto it = by_peer.find({link->flow.protocol, link->flow.peer});
  if (it != by_peer.end() && it->second == link->flow.connection) by_peer.erase(it);
  if (!stopped) events.on_closed(link->flow.connection);
}

// The system's list of them takes a tenth of a second to read: only who connects by TLS pays for it.
bool StreamTransport::State::load_authorities() {
  if (tls_client) return true;
  auto context = net::TlsContext::client(settings.authorities);
  if (!context) {
    base::log(base::LogLevel::Error, "telephony", "no TLS to the outside", {{"why", context.error().detail}});
    return false;
  }
  tls_client = std::move(*context);
  return true;
}

asio::awaitable<void> StreamTransport::State::accept_all(Shared self, net::TcpListener* listener,
                                                         std::shared_ptr<net::TlsContext> tls) {
  while (!self->stopped) {
    // A storm of reconnecting phones must not keep calls waiting behind its handshakes.
    while (self->handshakes >= limits::kSipHandshakesMax && !self->stopped)
      co_await self->loop.sleep(kHandshakePause);
    auto tcp = co_await listener->accept();
    if (self->stopped || (!tcp && tcp.error().code == ErrorCode::Closed)) co_return;
    if (!tcp) {
      base::log(base::LogLevel::Warning, "telephony", "cannot accept", {{"why", tcp.error().detail}});
      co_await self->loop.sleep(kAcceptPause);
      continue;
    }
    if (self->connections.size() >= limits::kSipConnectionsMax) {
      ++self->counters.refused;
      continue;
    }
    self->loop.tasks().spawn(take(self, std::move(*tcp), tls));
  }
}

asio::awaitable<void> StreamTransport::State::take(Shared self, std::unique_ptr<net::TcpStream> tcp,
                                                   std::shared_ptr<net::TlsContext> tls) {
  std::unique_ptr<net::Stream> stream;
  if (tls) {
    ++self->handshakes;
    auto secured = co_await net::accept_tls(self->loop, tls, std::move(tcp));
    --self->handshakes;
    if (!secured) co_return;
    stream = std::move(*secured);
  } else {
    stream = std::move(tcp);
  }
  if (self->stopped) co_return;
  ++self->counters.accepted;
  Link link = self->add(tls ? sip::Protocol::Tls : sip::Protocol::Tcp, to_sip(stream->peer()));
  link->stream = std::move(stream);
  co_await read_stream(self, link);
}

asio::awaitable<void> StreamTransport::State::open(Shared self, Link link, std::string name) {
  const net::Endpoint where = to_net(link->flow.peer);
  auto tcp = co_await net::connect_tcp(self->loop, where, limits::kSipConnectMax);
  std::unique_ptr<net::Stream> stream;
  std::string why;
  if (!tcp) {
    why = tcp.error().detail;
  } else if (link->flow.protocol == sip::Protocol::Tls && !link->closed) {
    auto secured = co_await net::connect_tls(self->loop, self->tls_client, std::move(*tcp), name);
    if (secured) {
      stream = std::move(*secured);
    } else {
      why = secured.error().detail;
    }
  } else {
    stream = std::move(*tcp);
  }
  if (!stream || link->closed || self->stopped) {
    if (!why.empty()) {
      base::log(base::LogLevel::Warning, "telephony", "no SIP connection",
                {{"to", net::to_string(where)}, {"why", why}});
    }
    self->remove(link);
    co_return;
  }
  ++self->counters.opened;
  link->stream = std::move(stream);
  if (!link->queued.empty()) self->loop.tasks().spawn(flush(self, link));
  co_await read_stream(self, link);
}

// One writer at a time: it writes on until nothing is queued.
asio::awaitable<void> StreamTransport::State::flush(Shared, Link link) {
  if (link->writing) co_return;
  link->writing = true;
  while (!link->queued.empty() && !link->closed) {
    const std::string batch = std::exchange(link->queued, {});
    auto written = co_await link->stream->write(batch);
    if (!written) link->close();  // its reader sees to the rest
  }
  link->writing = false;
}

asio::awaitable<void> StreamTransport::State::say(Shared, Link link, std::string message) {
  auto sent = co_await link->socket->send(net::WebSocket::Kind::Text, std::move(message));
  if (!sent) link->close();
}

bool StreamTransport::State::queue(const Shared& self, const Link& link, std::string_view bytes) {
  if (link->closed) return false;
  if (link->socket) {
    if (link->socket->queued_bytes() > limits::kSipConnectionQueuedBytesMax) return link->close(), false;
    loop.tasks().spawn(say(self, link, std::string(bytes)));
    return true;
  }
  if (link->queued.size() + bytes.size() > limits::kSipConnectionQueuedBytesMax) return link->close(), false;
  link->queued += bytes;
  if (link->stream && !link->writing) loop.tasks().spawn(flush(self, link));
  return true;
}

// Hands over what is whole; false if the bytes have no boundary any more.
bool StreamTransport::State::deliver(const Shared& self, const Link& link, sip::StreamFramer& framer) {
  while (!link->closed) {
    auto frame = framer.next();
    if (!frame) {
      ++counters.broken;
      return false;
    }
    if (!*frame) return true;
    if ((*frame)->kind == sip::StreamFramer::Frame::Kind::Ping) {
      if (!queue(self, link, kPong)) return false;
      continue;
    }
    link->proven = true;
    if (!stopped) events.on_message(link->flow, (*frame)->bytes);
  }
  return true;
}

asio::awaitable<void> StreamTransport::State::read_stream(Shared self, Link link) {
  sip::StreamFramer framer;
  std::array<char, 4096> buffer;
  while (!link->closed && !self->stopped) {
    auto count = co_await link->stream->read_some(buffer);
    if (!count || *count == 0 || self->stopped) break;
    link->heard = self->loop.clock().now();
    framer.push(base::as_bytes(std::string_view(buffer.data(), *count)));
    if (!self->deliver(self, link, framer)) break;
  }
  self->remove(link);
}

asio::awaitable<void> StreamTransport::State::read_socket(Shared self, Link link) {
  while (!link->closed && !self->stopped) {
    auto message = co_await link->socket->read();
    if (!message || self->stopped) break;
    link->heard = self->loop.clock().now();
    if (message->data == kPing) {
      if (!self->queue(self, link, kPong)) break;
      continue;
    }
    if (message->data.empty() || message->data == kPong) continue;
    link->proven = true;
    self->events.on_message(link->flow, base::as_bytes(message->data));
  }
  self->remove(link);
}

void StreamTransport::State::check(const Shared& self, const Link& link, base::TimePoint now) {
  const base::Duration quiet = now - link->heard;
  if (quiet > limits::kSipIdleMax ||
      (!link->proven && !link->outbound && quiet > limits::kSipFirstMessageMax)) {
    return link->close();
  }
  if (!link->outbound || link->stream == nullptr || now - link->kept_alive < settings.keep_alive) return;
  link->kept_alive = now;
  queue(self, link, kPing);
}

asio::awaitable<void> StreamTransport::State::sweep(Shared self) {
  while (!self->stopped) {
    const base::TimePoint now = self->loop.clock().now();
    const auto links = self->connections;  // a close may take entries away
    for (const auto& [id, link] : links) self->check(self, link, now);
    co_await self->loop.sleep(std::min<base::Duration>(kSweepInterval, self->settings.keep_alive));
  }
}

StreamTransport::StreamTransport(net::Loop& loop, Settings settings, Events events)
    : state_(std::make_shared<State>(loop, std::move(settings), std::move(events))) {
  loop.tasks().spawn(State::sweep(state_));
}

StreamTransport::~StreamTransport() {
  state_->stopped = true;
  for (net::TcpListener& listener : state_->listeners) listener.close();
  for (const auto& [id, link] : state_->connections) link->close();
}

Result<net::Endpoint> StreamTransport::listen(const net::Endpoint& where,
                                              std::shared_ptr<net::TlsContext> tls) {
  auto listener = net::TcpListener::listen(state_->loop, where);
  if (!listener) return fail(listener.error());
  state_->listeners.push_back(std::move(*listener));
  net::TcpListener& kept = state_->listeners.back();
  state_->loop.tasks().spawn(State::accept_all(state_, &kept, std::move(tls)));
  return kept.address();
}

std::optional<sip::Flow> StreamTransport::connect(const sip::Flow& flow) {
  if (flow.connection != 0) {
    const auto it = state_->connections.find(flow.connection);
    if (it == state_->connections.end() || it->second->closed) return std::nullopt;
    return it->second->flow;
  }
  const auto known = state_->by_peer.find({flow.protocol, flow.peer});
  if (known != state_->by_peer.end() && !state_->connections.at(known->second)->closed)
    return state_->connections.at(known->second)->flow;
  // Nobody listens at the other end of a WebSocket.
  const bool tls = flow.protocol == sip::Protocol::Tls;
  if (flow.protocol != sip::Protocol::Tcp && !tls) return std::nullopt;
  if (tls && !state_->load_authorities()) return std::nullopt;
  if (state_->connections.size() >= limits::kSipConnectionsMax) {
    ++state_->counters.refused;
    return std::nullopt;
  }
  State::Link link = state_->add(flow.protocol, flow.peer);
  link->outbound = true;
  const auto name = state_->names.find(flow.peer);
  state_->loop.tasks().spawn(
      State::open(state_, link, name != state_->names.end() ? name->second : sip::ip_text(flow.peer)));
  return link->flow;
}

bool StreamTransport::send(const sip::Flow& flow, base::ByteView message) {
  const auto named = connect(flow);
  if (!named) return false;
  return state_->queue(state_, state_->connections.at(named->connection), base::as_text(message));
}

asio::awaitable<void> StreamTransport::serve(std::unique_ptr<net::WebSocket> socket) {
  const auto state = state_;
  if (state->stopped || state->connections.size() >= limits::kSipConnectionsMax) {
    ++state->counters.refused;
    socket->close_now();
    co_return;
  }
  ++state->counters.accepted;
  State::Link link =
      state->add(socket->secure() ? sip::Protocol::Wss : sip::Protocol::Ws, to_sip(socket->peer()));
  link->socket = std::move(socket);
  co_await State::read_socket(state, link);
}

void StreamTransport::expect_name(const sip::Address& peer, std::string host) {
  if (state_->names.size() >= limits::kSipConnectionsMax) state_->names.clear();
  state_->names[peer] = std::move(host);
}

std::optional<net::Endpoint> StreamTransport::local(uint32_t connection) const {
  const auto it = state_->connections.find(connection);
  if (it == state_->connections.end()) return std::nullopt;
  if (it->second->stream) return it->second->stream->local();
  if (it->second->socket) return it->second->socket->local();
  return std::nullopt;
}

size_t StreamTransport::connections() const {
  return state_->connections.size();
}

const StreamTransport::Counters& StreamTransport::counters() const {
  return state_->counters;
}

}  // namespace sotto::telephony
