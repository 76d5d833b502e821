#include "sdp/session.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace sotto::sdp {
namespace {

namespace limits = base::limits;

// Takes the next word off `text`; empty at its end.
std::string_view take_word(std::string_view& text) {
  const size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_clean(std::string_view text) {
  return std::ranges::all_of(
      text, [](char letter) { return static_cast<unsigned char>(letter) >= 0x20 || letter == '\t'; });
}

// "IN IP4 host", a multicast's "/ttl" taken off.
Result<Address> parse_address(std::string_view text) {
  const std::string_view network = take_word(text);
  const std::string_view kind = take_word(text);
  std::string_view host = take_word(text);
  host = host.substr(0, host.find('/'));
  if (network != "IN" || (kind != "IP4" && kind != "IP6") || host.empty()) {
    return fail(ErrorCode::Invalid, "sdp: address is not IN IP4 or IP6");
  }
  return Address{.ipv6 = kind == "IP6", .address = std::string(host)};
}

Attribute parse_attribute(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string(text), {}};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<Media> parse_media(std::string_view text) {
  Media media;
  media.type = take_word(text);
  std::string_view port = take_word(text);
  const size_t slash = port.find('/');
  if (slash != std::string_view::npos && !parse_number(port.substr(slash + 1), media.port_count)) {
    return fail(ErrorCode::Invalid, "sdp: number of ports in m=");
  }
  port = port.substr(0, slash);
  media.protocol = take_word(text);
  if (!parse_number(port, media.port) || media.protocol.empty())
    return fail(ErrorCode::Invalid, "sdp: m= line");
  for (std::string_view format = take_word(text); !format.empty(); format = take_word(text)) {
    if (media.formats.size() == limits::kSdpFormatsMax)
      return fail(ErrorCode::TooLarge, "sdp: formats in m=");
    media.formats.emplace_back(format);
  }
  if (media.formats.empty()) return fail(ErrorCode::Invalid, "sdp: m= without a format");
  return media;
}

Result<void> parse_origin(std::string_view text, Session& session) {
  session.user = take_word(text);
  const bool numbers =
      parse_number(take_word(text), session.id) && parse_number(take_word(text), session.version);
  auto address = parse_address(text);
  if (!numbers || !address) return fail(ErrorCode::Invalid, "sdp: o= line");
  session.origin = *std::move(address);
  return {};
}

Result<void> parse_line(char kind, std::string_view value, Session& session) {
  Media* media = session.media.empty() ? nullptr : &session.media.back();
  switch (kind) {
    case 'o': return parse_origin(value, session);
    case 's': session.name = value; return {};
    case 'c': {
      auto address = parse_address(value);
      if (!address) return fail(std::move(address.error()));
      (media != nullptr ? media->connection : session.connection) = *std::move(address);
      return {};
    }
    case 'b': (media != nullptr ? media->bandwidths : session.bandwidths).emplace_back(value); return {};
    case 'a':
      (media != nullptr ? media->attributes : session.attributes).push_back(parse_attribute(value));
      return {};
    case 'm': {
      if (session.media.size() == limits::kSdpMediaMax)
        return fail(ErrorCode::TooLarge, "sdp: too many m= lines");
      auto parsed = parse_media(value);
      if (!parsed) return fail(std::move(parsed.error()));
      session.media.push_back(*std::move(parsed));
      return {};
    }
    default: return {};
  }
}

void write(std::string& out, std::string_view prefix, const Address& address) {
  out.append(prefix).append(address.ipv6 ? "IN IP6 " : "IN IP4 ").append(address.address).append("\r\n");
}

void write(std::string& out, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    out.append("a=").append(attribute.name);
    if (!attribute.value.empty()) out.append(":").append(attribute.value);
    out.append("\r\n");
  }
}

void write(std::string& out, const std::vector<std::string>& bandwidths) {
  for (const std::string& bandwidth : bandwidths) out.append("b=").append(bandwidth).append("\r\n");
}

void write(std::string& out, const Media& media) {
  out.append("m=").append(media.type).append(" ").append(std::to_string(media.port));
  if (media.port_count != 1) out.append("/").append(std::to_string(media.port_count));
  out.append(" ").append(media.protocol);
  for (const std::string& format : media.formats) out.append(" ").append(format);
  out.append("\r\n");
  if (media.connection) write(out, "c=", *media.connection);
  write(out, media.bandwidths);
  write(out, media.attributes);
}

}  // namespace

const Attribute* find(const std::vector<Attribute>& attributes, std::string_view name) {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

Result<Session> parse(std::string_view text) {
  if (text.size() > limits::kSdpBytesMax) return fail(ErrorCode::TooLarge, "sdp: too long");
  Session session;
  size_t lines = 0;
  bool has_origin = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (++lines > limits::kSdpLinesMax) return fail(ErrorCode::TooLarge, "sdp: too many lines");
    if (line.size() < 2 || line[1] != '=' || !is_clean(line))
      return fail(ErrorCode::Invalid, "sdp: line is not x=");
    if (lines == 1 && line != "v=0") return fail(ErrorCode::Invalid, "sdp: does not begin with v=0");
    has_origin = has_origin || line[0] == 'o';
    const auto parsed = parse_line(line[0], line.substr(2), session);
    if (!parsed) return fail(parsed.error());
  }
  if (!has_origin) return fail(ErrorCode::Invalid, "sdp: no o= line");
  return session;
}

std::string serialize(const Session& session) {
  std::string out = "v=0\r\no=" + session.user + " " + std::to_string(session.id) + " " +
                    std::to_string(session.version) + " ";
  write(out, "", session.origin);
  out.append("s=").append(session.name).append("\r\n");
  if (session.connection) write(out, "c=", *session.connection);
  write(out, session.bandwidths);
  out.append("t=0 0\r\n");
  write(out, session.attributes);
  for (const Media& media : session.media) write(out, media);
  return out;
}

}  // namespace sotto::sdp
