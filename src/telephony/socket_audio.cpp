#include "telephony/socket_audio.h"

namespace sotto::telephony {
namespace {

using call::StreamChanged;
using std::chrono::milliseconds;

constexpr milliseconds kDigitLength{100};
constexpr std::string_view kPauses = "wWp";

std::string track_name(const hearing::TapView& view) {
  if (std::holds_alternative<hearing::SaidBy>(view)) return "inbound";
  return std::holds_alternative<hearing::HeardBy>(view) ? "outbound" : "room";
}

}  // namespace

void SocketAudio::connect(media::Engine& engine, call::Switchboard& switchboard, Later later) {
  engine_ = &engine;
  switchboard_ = &switchboard;
  later_ = std::move(later);
}

// ---- streams

void SocketAudio::start_stream(call::LegId leg, call::TapId tap, const call::StreamSpec& spec) {
  auto stream = open_stream(leg, tap, spec);
  if (stream) {
    streams_[tap] = std::move(*stream);
    return;
  }
  later_([this, tap, why = stream.error().detail] {
    switchboard_->on_stream({tap, StreamChanged::Kind::Failed, "url", why});
  });
}

Result<SocketAudio::Stream> SocketAudio::open_stream(call::LegId leg, call::TapId tap,
                                                     const call::StreamSpec& spec) {
  if (sockets_ == nullptr) return fail(ErrorCode::Unsupported, "media streams are not configured");
  const call::Leg* subject = switchboard_->leg(leg);
  if (subject == nullptr) return fail(ErrorCode::NotFound, "leg: it has ended");
  const auto rate = sockets_->rate_of(spec.framing);
  if (!rate) return fail(rate.error());
  Stream stream{leg, Sockets::Id::None, nullptr};
  if (spec.both_ways) stream.said = std::make_shared<media::StreamRing>(*rate);
  Sockets::Opening opening{spec.url, spec.framing, {}, base::to_hex(tap)};
  for (const hearing::TapView& view : spec.tracks) opening.tracks.push_back(track_name(view));
  auto heard = engine_->open_tap(tap, subject->room, static_cast<uint16_t>(spec.tracks.size()));
  stream.socket = sockets_->open(std::move(opening), {std::move(heard), stream.said},
                                 [this, tap](const Sockets::News& news) { on_stream_news(tap, news); });
  return stream;
}

void SocketAudio::stop_stream(call::TapId tap) {
  const auto node = streams_.extract(tap);
  if (node.empty()) return;
  engine_->close_tap(tap);
  sockets_->close(node.mapped().socket);
}

void SocketAudio::move_leg(call::LegId leg, call::RoomId to) {
  for (const auto& [tap, stream] : streams_) {
    if (stream.leg == leg) engine_->move_tap(tap, to);
  }
}

std::shared_ptr<media::StreamRing> SocketAudio::way_back(call::TapId tap) const {
  const auto it = streams_.find(tap);
  return it == streams_.end() ? nullptr : it->second.said;
}

void SocketAudio::on_stream_news(call::TapId tap, const Sockets::News& news) {
  StreamChanged changed{tap, StreamChanged::Kind::Message, news.code, news.detail};
  if (news.kind == Sockets::News::Kind::Opened) changed.kind = StreamChanged::Kind::Started;
  if (news.kind == Sockets::News::Kind::Closed) changed.kind = StreamChanged::Kind::Stopped;
  if (news.kind == Sockets::News::Kind::Failed) changed.kind = StreamChanged::Kind::Failed;
  if (changed.kind >= StreamChanged::Kind::Stopped) {
    streams_.erase(tap);
    engine_->close_tap(tap);
  }
  switchboard_->on_stream(std::move(changed));
}

// ---- legs

void SocketAudio::dial(const call::DialRequest& request) {
  auto socket = open_leg(request);
  if (socket) {
    legs_[request.leg] = *socket;
    return;
  }
  later_([this, leg = request.leg, why = socket.error().detail] {
    switchboard_->on_ended(leg, {call::EndCause::Unroutable, call::EndedBy::Platform, 404, why});
  });
}

Result<Sockets::Id> SocketAudio::open_leg(const call::DialRequest& request) {
  if (sockets_ == nullptr) return fail(ErrorCode::Unsupported, "to: WebSocket legs are not configured");
  const auto rate = sockets_->rate_of(request.framing);
  if (!rate) return fail(rate.error());
  auto ends = engine_->attach_rings(request.leg, *rate);
  if (!ends) return fail(ends.error());
  return sockets_->open({request.to.text, request.framing, {"inbound"}, base::to_hex(request.leg)},
                        {std::move(ends->heard), std::move(ends->said)},
                        [this, leg = request.leg](const Sockets::News& news) { on_leg_news(leg, news); });
}

bool SocketAudio::hang_up(call::LegId leg) {
  const auto node = legs_.extract(leg);
  if (node.empty()) return false;
  sockets_->close(node.mapped());
  return true;
}

bool SocketAudio::send_digits(call::LegId leg, const std::string& digits) {
  const auto it = legs_.find(leg);
  if (it == legs_.end()) return false;
  for (const char digit : digits) {
    if (kPauses.find(digit) == std::string_view::npos) sockets_->send_digit(it->second, digit, kDigitLength);
  }
  return true;
}

void SocketAudio::on_leg_news(call::LegId leg, const Sockets::News& news) {
  switch (news.kind) {
    case Sockets::News::Kind::Opened: return switchboard_->on_answered(leg);
    case Sockets::News::Kind::Message:
      return switchboard_->notice(leg, {call::Notice::Level::Warning, "websocket_" + news.code, news.detail});
    case Sockets::News::Kind::Closed:
      legs_.erase(leg);
      return switchboard_->on_ended(leg, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, news.detail});
    case Sockets::News::Kind::Failed: {
      legs_.erase(leg);
      const call::Leg* known = switchboard_->leg(leg);
      const bool was_up = known != nullptr && known->answered();
      return switchboard_->on_ended(leg, {was_up ? call::EndCause::MediaLost : call::EndCause::Unreachable,
                                          call::EndedBy::FarEnd, 0, news.detail});
    }
  }
}

// ---- digits

// A stream is told of the digits of its leg, a WebSocket leg of everybody's in its room. In a room of two the
// core relays them itself, but for those that a program took.
void SocketAudio::on_event(const call::Event& event) {
  const auto* pressed = std::get_if<call::DigitReceived>(&event.what);
  if (pressed == nullptr) return;
  for (const auto& [tap, stream] : streams_) {
    if (stream.leg == event.leg) sockets_->send_digit(stream.socket, pressed->digit, pressed->length);
  }
  const call::Room* room = legs_.empty() ? nullptr : switchboard_->room(event.room);
  if (room == nullptr || room->members.size() <= 2 || switchboard_->supervision_of(event.leg)) return;
  for (const auto& [leg, socket] : legs_) {
    const call::Leg* known = switchboard_->leg(leg);
    if (leg != event.leg && known != nullptr && known->room == event.room) {
      sockets_->send_digit(socket, pressed->digit, pressed->length);
    }
  }
}

}  // namespace sotto::telephony
