#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "call/switchboard.h"
#include "media/engine.h"
#include "telephony/sockets.h"

namespace sotto::telephony {

// Media streams and WebSocket legs, between the core and the port that carries them. A sink of the
// switchboard, for the digits that sockets are told of. Control thread.
class SocketAudio final : public call::EventSink {
 public:
  using Later = std::function<void(std::function<void()>)>;

  // Without a port every stream fails, and no leg can be dialled. It outlives this.
  explicit SocketAudio(Sockets* sockets) : sockets_(sockets) {}
  void connect(media::Engine& engine, call::Switchboard& switchboard, Later later);
  bool configured() const { return sockets_ != nullptr; }

  void start_stream(call::LegId leg, call::TapId tap, const call::StreamSpec& spec);
  void stop_stream(call::TapId tap);
  void move_leg(call::LegId leg, call::RoomId to);
  // The ring of a stream that goes both ways; null for any other.
  std::shared_ptr<media::StreamRing> way_back(call::TapId tap) const;

  // Legs whose medium is a WebSocket; false for a leg that is none of them.
  void dial(const call::DialRequest& request);
  bool hang_up(call::LegId leg);
  bool send_digits(call::LegId leg, const std::string& digits);

  void on_event(const call::Event& event) override;

 private:
  struct Stream {
    call::LegId leg;
    Sockets::Id socket = Sockets::Id::None;
    std::shared_ptr<media::StreamRing> said;
  };
  Result<Stream> open_stream(call::LegId leg, call::TapId tap, const call::StreamSpec& spec);
  Result<Sockets::Id> open_leg(const call::DialRequest& request);
  void on_stream_news(call::TapId tap, const Sockets::News& news);
  void on_leg_news(call::LegId leg, const Sockets::News& news);

  Sockets* const sockets_;
  media::Engine* engine_ = nullptr;
  call::Switchboard* switchboard_ = nullptr;
  Later later_;
  std::unordered_map<call::TapId, Stream> streams_;
  std::unordered_map<call::LegId, Sockets::Id> legs_;
};

}  // namespace sotto::telephony
