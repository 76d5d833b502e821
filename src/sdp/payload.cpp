#include "sdp/payload.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sotto::sdp {
namespace {

struct StaticPayload {
  uint8_t type;
  std::string_view name;
  uint32_t clock_rate_hz;
  uint8_t channels;
};

// RFC 3551 §6, the audio types still met.
constexpr StaticPayload kStaticPayloads[] = {
    {0, "PCMU", 8'000, 1},  {3, "GSM", 8'000, 1},   {4, "G723", 8'000, 1},  {8, "PCMA", 8'000, 1},
    {9, "G722", 8'000, 1},  {10, "L16", 44'100, 2}, {11, "L16", 44'100, 1}, {13, "CN", 8'000, 1},
    {15, "G728", 8'000, 1}, {18, "G729", 8'000, 1},
};

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The rest of an attribute "type rest" for that payload type.
std::optional<std::string_view> value_for(const Media& media, std::string_view name, std::string_view type) {
  for (const Attribute& attribute : media.attributes) {
    if (attribute.name != name) continue;
    std::string_view value = attribute.value;
    if (!value.starts_with(type) || value.size() <= type.size() || value[type.size()] != ' ') continue;
    value.remove_prefix(type.size());
    return value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  return std::nullopt;
}

// "name/rate[/channels]"
bool read_map(std::string_view map, Payload& payload) {
  const size_t slash = map.find('/');
  if (slash == std::string_view::npos) return false;
  payload.name = map.substr(0, slash);
  map.remove_prefix(slash + 1);
  const size_t second = map.find('/');
  const auto rate = number_of<uint32_t>(map.substr(0, second));
  if (!rate || *rate == 0) return false;
  payload.clock_rate_hz = *rate;
  if (second == std::string_view::npos) return true;
  const auto channels = number_of<uint8_t>(map.substr(second + 1));
  payload.channels = channels.value_or(1);
  return channels.has_value();
}

bool read_static(Payload& payload) {
  const auto* row = std::ranges::find(kStaticPayloads, payload.type, &StaticPayload::type);
  if (row == std::end(kStaticPayloads)) return false;
  payload.name = row->name;
  payload.clock_rate_hz = row->clock_rate_hz;
  payload.channels = row->channels;
  return true;
}

}  // namespace

bool equal_in_any_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::vector<Payload> payloads_of(const Media& media) {
  std::vector<Payload> payloads;
  for (const std::string& format : media.formats) {
    const auto type = number_of<uint8_t>(format);
    if (!type || *type > 127) continue;
    Payload payload{.type = *type};
    const auto map = value_for(media, "rtpmap", format);
    if (map ? !read_map(*map, payload) : !read_static(payload)) continue;
    payload.fmtp = value_for(media, "fmtp", format).value_or("");
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

bool matches(const Payload& payload, const Codec& codec) {
  if (!equal_in_any_case(payload.name, codec.name) || payload.clock_rate_hz != codec.clock_rate_hz)
    return false;
  // RFC 7587 §7: Opus always says 2 and means nothing by it.
  return payload.channels == codec.channels || equal_in_any_case(codec.name, "opus");
}

bool is_telephone_event(const Payload& payload) {
  return equal_in_any_case(payload.name, kTelephoneEvent);
}

void append(Media& media, const Payload& payload) {
  const std::string type = std::to_string(payload.type);
  media.formats.push_back(type);
  std::string map = type + " " + payload.name + "/" + std::to_string(payload.clock_rate_hz);
  if (payload.channels != 1) map += "/" + std::to_string(payload.channels);
  media.attributes.push_back({"rtpmap", std::move(map)});
  if (!payload.fmtp.empty()) media.attributes.push_back({"fmtp", type + " " + payload.fmtp});
}

}  // namespace sotto::sdp
