#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "net/web_socket.h"
#include "stream/parameters.h"

namespace sotto::stream {

using Frame = net::WebSocket::Message;

// What a frame from the far end means.
struct Ignored {};
struct Samples {
  std::vector<int16_t> samples;
};
struct Mark {  // comes back by Framing::reached() when all before it is played
  std::string name;
};
struct Clear {};  // forget what waits to be played; answered by Framing::cleared()
struct Broken {
  std::string code;  // "malformed" or "invalid"
  std::string detail;
};
using Received = std::variant<Ignored, Samples, Mark, Clear, Broken>;

struct Names {
  std::string stream;
  std::vector<std::string> tracks;
};

// One wire protocol: frames from sound and back, no socket and no clock. Numbers its messages, so it belongs
// to one connection.
class Framing {
 public:
  virtual ~Framing() = default;
  virtual std::vector<Frame> opening() = 0;
  // 20 ms of a track at the protocol's rate; `at` is the time since the stream's start.
  virtual Frame sound(size_t track, std::span<const int16_t> samples, milliseconds at) = 0;
  virtual std::optional<Frame> digit(char digit, milliseconds length) = 0;  // none where nobody is told
  virtual Frame reached(const std::string& mark) = 0;
  virtual std::vector<Frame> cleared(const std::vector<std::string>& marks) = 0;
  virtual std::optional<Frame> closing() = 0;
  virtual Received read(const Frame& frame) = 0;
};

enum class Ways { One, Both };
std::unique_ptr<Framing> make_framing(const Parameters& parameters, Names names, Ways ways);

}  // namespace sotto::stream
