#include "stream/json_mulaw.h"

#include "audio/g711.h"
#include "crypto/base64.h"

namespace sotto::stream {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Broken invalid(std::string detail) {
  return Broken{"invalid", std::move(detail)};
}

Received read_media(const Json& message) {
  const std::string* payload = message["media"]["payload"].text();
  if (payload == nullptr) return invalid("media.payload: expected a string");
  const auto bytes = crypto::base64_decode(*payload);
  if (!bytes) return invalid("media.payload: not base64");
  Samples out;
  out.samples.resize(bytes->size());
  audio::ulaw_decode(std::as_bytes(std::span(*bytes)), out.samples);
  return out;
}

}  // namespace

JsonMulaw::JsonMulaw(const Parameters& parameters, Names names, Ways ways)
    : parameters_(parameters),
      names_(std::move(names)),
      stream_(parameters.stream_prefix + names_.stream),
      ways_(ways),
      chunks_(names_.tracks.size()) {}

Frame JsonMulaw::message(std::string_view event, JsonObject body) {
  const JsonObject whole{{"event", event},
                         {"sequenceNumber", std::to_string(++sequence_number_)},
                         {std::string(event), std::move(body)},
                         {"streamSid", stream_}};
  return {net::WebSocket::Kind::Text, to_text(Json(whole))};
}

std::vector<Frame> JsonMulaw::opening() {
  const JsonObject connected{{"event", "connected"}, {"protocol", "Call"}, {"version", "1.0.0"}};
  JsonArray tracks;
  for (const std::string& track : names_.tracks) tracks.emplace_back(track);
  JsonObject start{
      {"streamSid", stream_},
      {"accountSid", parameters_.account},
      {"callSid", parameters_.call},
      {"tracks", std::move(tracks)},
      {"customParameters", parameters_.custom.is_null() ? Json(JsonObject()) : parameters_.custom},
      {"mediaFormat", JsonObject{{"encoding", "audio/x-mulaw"}, {"sampleRate", 8000}, {"channels", 1}}}};
  return {{net::WebSocket::Kind::Text, to_text(Json(connected))}, message("start", std::move(start))};
}

Frame JsonMulaw::sound(size_t track, std::span<const int16_t> samples, milliseconds at) {
  std::string bytes(samples.size(), '\0');
  audio::ulaw_encode(samples, std::as_writable_bytes(std::span(bytes)));
  JsonObject media{{"track", names_.tracks.at(track)},
                   {"chunk", std::to_string(++chunks_.at(track))},
                   {"timestamp", std::to_string(at.count())},
                   {"payload", crypto::base64_encode(bytes)}};
  return message("media", std::move(media));
}

std::optional<Frame> JsonMulaw::digit(char digit, milliseconds) {
  if (ways_ == Ways::One) return std::nullopt;
  return message("dtmf", JsonObject{{"track", "inbound_track"}, {"digit", std::string(1, digit)}});
}

Frame JsonMulaw::reached(const std::string& mark) {
  return message("mark", JsonObject{{"name", mark}});
}

std::vector<Frame> JsonMulaw::cleared(const std::vector<std::string>& marks) {
  std::vector<Frame> out;
  for (const std::string& mark : marks) out.push_back(reached(mark));
  return out;
}

std::optional<Frame> JsonMulaw::closing() {
  return message("stop", JsonObject{{"accountSid", parameters_.account}, {"callSid", parameters_.call}});
}

Received JsonMulaw::read(const Frame& frame) {
  if (ways_ == Ways::One) return Ignored{};
  if (frame.kind == net::WebSocket::Kind::Binary) return Broken{"malformed", "a binary frame"};
  const auto json = text::parse_json(frame.data);
  if (!json) return Broken{"malformed", "no JSON: " + json.error().detail};
  const std::string* event = (*json)["event"].text();
  if (event == nullptr) return invalid("event: expected a string");
  const Json& stream = (*json)["streamSid"];
  if (!stream.is_null() && stream != Json(stream_)) return invalid("streamSid: not this stream's");
  if (*event == "media") return read_media(*json);
  if (*event == "clear") return Clear{};
  if (*event == "mark") {
    const std::string* name = (*json)["mark"]["name"].text();
    if (name == nullptr) return invalid("mark.name: expected a string");
    return Mark{*name};
  }
  return invalid("event: \"" + *event + "\" is not known");
}

}  // namespace sotto::stream
