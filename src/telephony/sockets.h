#pragma once

#include <functional>
#include <memory>
#include <string>

#include "call/ports.h"
#include "media/leg_rings.h"

namespace sotto::telephony {

// Sound over WebSockets, to and from servers that we connect to. Control thread.
class Sockets {
 public:
  enum class Id : uint64_t { None = 0 };

  struct Opening {
    std::string url;  // ws or wss
    call::SocketFraming framing;
    std::vector<std::string> tracks;  // one for each of the tap's channels: "inbound", "outbound", "room"
    std::string stream;               // hex of what names the stream for its server
  };
  // What is sent, and where what comes is put. Without `said` nothing is taken.
  struct Sound {
    std::unique_ptr<media::TapReader> heard;
    std::shared_ptr<media::StreamRing> said;  // at rate_of() the framing
  };
  // Opened comes at most once, then Messages, then exactly one Closed or Failed; none of them from inside a
  // call here, and none after close(). `code` is that of call::StreamChanged.
  struct News {
    enum class Kind { Opened, Message, Closed, Failed };
    Kind kind = Kind::Opened;
    std::string code;
    std::string detail;
  };
  using OnNews = std::function<void(const News&)>;

  virtual ~Sockets() = default;
  // In Hz; refused for a framing that is not there, or whose parameters are wrong, naming them.
  virtual Result<uint32_t> rate_of(const call::SocketFraming& framing) const = 0;
  virtual Id open(Opening opening, Sound sound, OnNews on_news) = 0;
  virtual void send_digit(Id socket, char digit, std::chrono::milliseconds length) = 0;
  virtual void close(Id socket) = 0;  // says what its protocol says at the end; one that is gone is no error
};

}  // namespace sotto::telephony
