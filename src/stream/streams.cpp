#include "stream/streams.h"

#include "text/uri.h"

namespace sotto::stream {

Streams::Streams(net::Loop& loop, Settings settings) : loop_(loop), settings_(std::move(settings)) {}

Streams::~Streams() {
  *alive_ = false;
  for (const auto& [id, session] : sessions_) session->abandon();
}

Result<uint32_t> Streams::rate_of(const call::SocketFraming& framing) const {
  const auto parameters = parse_parameters(framing);
  if (!parameters) return fail(parameters.error());
  return parameters->rate_hz;
}

Result<std::shared_ptr<net::TlsContext>> Streams::tls() {
  if (tls_ == nullptr) {
    auto context = net::TlsContext::client({settings_.ca_file, settings_.verify_tls});
    if (!context) return fail(context.error());
    tls_ = std::move(*context);
  }
  return tls_;
}

Result<net::WebSocketDial> Streams::dial_of(const Opening& opening, const Parameters& parameters) {
  const auto uri = text::parse_uri(opening.url);
  if (!uri) return fail(uri.error());
  if ((uri->scheme != "ws" && uri->scheme != "wss") || uri->host.empty()) {
    return fail(ErrorCode::Invalid, "url: must begin with ws:// or wss:// and name a host");
  }
  net::WebSocketDial dial;
  dial.host = uri->host;
  if (dial.host.starts_with('[')) dial.host = dial.host.substr(1, dial.host.size() - 2);
  dial.port = uri->effective_port();
  dial.target = {uri->authority(), uri->target(), {}, parameters.handshake};
  dial.private_targets = settings_.private_targets;
  dial.deadline = settings_.deadline;
  if (uri->scheme == "wss") {
    auto context = tls();
    if (!context) return fail(context.error());
    dial.tls = std::move(*context);
  }
  return dial;
}

Streams::Id Streams::open(Opening opening, Sound sound, OnNews on_news) {
  const auto parameters = parse_parameters(opening.framing);
  auto dial = parameters ? dial_of(opening, *parameters) : fail(parameters.error());
  const Id id{next_id_++};
  // The session is forgotten with its last word.
  OnNews told = [this, alive = alive_, id, on_news = std::move(on_news)](const News& news) {
    if (!*alive) return;
    if (news.kind >= News::Kind::Closed) sessions_.erase(id);
    on_news(news);
  };
  if (!dial) {
    loop_.post([told = std::move(told), why = dial.error().detail] {
      told({News::Kind::Failed, "url", why});
    });
    return Id::None;
  }
  Session::Parts parts;
  parts.dial = std::move(*dial);
  parts.rate_hz = parameters->rate_hz;
  parts.buffer_max = parameters->buffer_max;
  parts.stall_max = settings_.stall_max;
  parts.framing = make_framing(*parameters, {opening.stream, opening.tracks},
                               sound.said == nullptr ? Ways::One : Ways::Both);
  parts.sound = std::move(sound);
  parts.on_news = std::move(told);
  auto session = std::make_shared<Session>(loop_, loop_.tasks(), counters_, std::move(parts));
  session->start();
  sessions_.emplace(id, std::move(session));
  return id;
}

void Streams::send_digit(Id socket, char digit, std::chrono::milliseconds length) {
  const auto it = sessions_.find(socket);
  if (it != sessions_.end()) it->second->send_digit(digit, length);
}

void Streams::close(Id socket) {
  const auto node = sessions_.extract(socket);
  if (!node.empty()) node.mapped()->close();
}

}  // namespace sotto::stream
