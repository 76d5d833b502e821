#include "stream/parameters.h"

#include <algorithm>

#include "text/json_field.h"

namespace sotto::stream {
namespace {

using text::JsonField;

constexpr int64_t kBufferMsMax = 600'000;

// A header must not be able to end its line.
bool is_header_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

Result<void> read_handshake(const JsonField& field, Parameters& out) {
  const auto object = field.object();
  if (!object) return fail(object.error());
  for (const text::JsonMember& member : field.value().object()->members()) {
    const auto value = field[member.key].text();
    if (!value) return fail(value.error());
    const bool token = !member.key.empty() && member.key.find_first_of(" \t:") == std::string::npos;
    if (!token || !is_header_safe(member.key) || !is_header_safe(*value)) {
      return field[member.key].refuse(ErrorCode::Invalid, "is no HTTP header");
    }
    out.handshake.emplace_back(member.key, *value);
  }
  return {};
}

Result<void> read_object(const JsonField& field, text::Json& out) {
  const auto object = field.object();
  if (!object) return fail(object.error());
  out = field.value();
  return {};
}

Result<void> read_text(const JsonField& field, std::string& out) {
  auto text = field.text();
  if (!text) return fail(text.error());
  out = std::move(*text);
  return {};
}

Result<void> read_rate(const JsonField& field, Parameters& out) {
  const auto rate = field.integer();
  if (!rate) return fail(rate.error());
  if (*rate != 8'000 && *rate != 16'000 && *rate != 24'000) {
    return field.refuse(ErrorCode::OutOfRange, "must be 8000, 16000 or 24000");
  }
  out.rate_hz = static_cast<uint32_t>(*rate);
  return {};
}

Result<void> read_member(const std::string& name, const JsonField& field, Parameters& out) {
  const bool raw = out.protocol == Protocol::RawL16;
  if (name == "note" || field.null_or_absent()) return {};
  if (name == "handshake") return read_handshake(field, out);
  if (name == "buffer_ms") {
    const auto length = field.integer(1, kBufferMsMax);
    if (!length) return fail(length.error());
    out.buffer_max = milliseconds(*length);
    return {};
  }
  if (raw && name == "rate") return read_rate(field, out);
  if (raw && name == "greeting") return read_object(field, out.greeting);
  if (!raw && name == "stream_prefix") return read_text(field, out.stream_prefix);
  if (!raw && name == "account") return read_text(field, out.account);
  if (!raw && name == "call") return read_text(field, out.call);
  if (!raw && name == "custom") return read_object(field, out.custom);
  return field.refuse(ErrorCode::Invalid, "is not known");
}

}  // namespace

Result<Parameters> parse_parameters(const call::SocketFraming& framing) {
  Parameters out;
  if (framing.protocol == "json-mulaw") {
    out.protocol = Protocol::JsonMulaw;
    out.rate_hz = 8'000;
  } else if (framing.protocol != "raw-l16") {
    return fail(ErrorCode::Unsupported, "protocol: \"" + framing.protocol + "\" is not known");
  }
  if (framing.parameters.empty()) return out;
  const auto json = text::parse_json(framing.parameters);
  if (!json) return fail(json.error());
  const JsonField root(*json);
  if (auto object = root.object(); !object) return fail(object.error());
  for (const text::JsonMember& member : json->object()->members()) {
    if (auto read = read_member(member.key, root[member.key], out); !read) return fail(read.error());
  }
  return out;
}

}  // namespace sotto::stream
