#include "stream/raw_l16.h"

namespace sotto::stream {
namespace {

using text::Json;
using text::JsonObject;

Frame text_frame(Json json) {
  return {net::WebSocket::Kind::Text, to_text(json)};
}

int16_t sample_of(char low, char high) {
  return static_cast<int16_t>(static_cast<uint16_t>(static_cast<unsigned char>(low)) |
                              static_cast<uint16_t>(static_cast<unsigned char>(high) << 8));
}

}  // namespace

std::vector<Frame> RawL16::opening() {
  if (greeting_.is_null()) return {};
  return {text_frame(greeting_)};
}

Frame RawL16::sound(size_t, std::span<const int16_t> samples, milliseconds) {
  Frame frame{net::WebSocket::Kind::Binary, {}};
  frame.data.reserve(samples.size() * 2);
  for (const int16_t sample : samples) {
    const auto bits = static_cast<uint16_t>(sample);
    frame.data += static_cast<char>(bits & 0xFF);
    frame.data += static_cast<char>(bits >> 8);
  }
  return frame;
}

std::optional<Frame> RawL16::digit(char digit, milliseconds length) {
  return text_frame(JsonObject{
      {"event", "websocket:dtmf"}, {"digit", std::string(1, digit)}, {"duration", length.count()}});
}

// A mark's name is the JSON of its payload.
Frame RawL16::reached(const std::string& mark) {
  const auto payload = text::parse_json(mark);
  return text_frame(JsonObject{{"event", "websocket:notify"}, {"payload", payload ? *payload : Json()}});
}

std::vector<Frame> RawL16::cleared(const std::vector<std::string>&) {
  return {text_frame(JsonObject{{"event", "websocket:cleared"}})};
}

Received RawL16::read(const Frame& frame) {
  if (frame.kind == net::WebSocket::Kind::Binary) return read_samples(frame.data);
  const auto json = text::parse_json(frame.data);
  if (!json) return Broken{"malformed", "a text frame is no JSON: " + json.error().detail};
  const std::string* action = (*json)["action"].text();
  if (action == nullptr) return Ignored{};
  if (*action == "clear") return Clear{};
  if (*action == "notify") return Mark{to_text((*json)["payload"])};
  return Ignored{};
}

Received RawL16::read_samples(std::string_view bytes) {
  Samples out;
  out.samples.reserve(bytes.size() / 2 + 1);
  if (odd_byte_ && !bytes.empty()) {
    out.samples.push_back(sample_of(*odd_byte_, bytes.front()));
    bytes.remove_prefix(1);
    odd_byte_.reset();
  }
  for (; bytes.size() >= 2; bytes.remove_prefix(2)) out.samples.push_back(sample_of(bytes[0], bytes[1]));
  if (!bytes.empty()) odd_byte_ = bytes.front();
  return out;
}

}  // namespace sotto::stream
