#include "base/log.h"

#include <algorithm>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace sotto::base {
namespace {

constexpr char kHumanPattern[] = "%Y-%m-%d %H:%M:%S.%e %^%-5l%$ %v";

struct Sink {
  LogFormat format = LogFormat::Human;
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("sotto");
};

// The one process-wide object: a log has no owner that could be passed to every folder.
Sink& sink() {
  static Sink instance = [] {
    Sink made;
    made.logger->set_level(spdlog::level::warn);
    made.logger->set_pattern(kHumanPattern);
    return made;
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<size_t>(level)];
}

// Length of the well-formed UTF-8 sequence that `text` begins with; 0 if it begins with none (RFC 3629
// section 4).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const unsigned second_min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned second_max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < second_min || byte(1) > second_max) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

void append_escaped_byte(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[c & 15];
}

// As a JSON string wants it: what came from the network may hold anything, and must not break the line it is
// in.
void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      append_escaped_byte(out, c);
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
}

// The last door against a secret in a log: fields with such a name are never written out.
std::string_view loggable(const LogField& field) {
  constexpr std::string_view kSecret[] = {"password", "secret", "token",       "authorization", "api_key",
                                          "cookie",   "digest", "private_key", "credentials"};
  for (const std::string_view word : kSecret) {
    if (field.key.find(word) != std::string_view::npos) return "[hidden]";
  }
  return field.value;
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  append_escaped(out, key);
  out += "\":\"";
  append_escaped(out, value);
  out += '"';
}

}  // namespace

void configure_log(LogLevel level, LogFormat format) {
  Sink& target = sink();
  target.format = format;
  target.logger->set_level(to_spdlog(level));
  if (format == LogFormat::Human) {
    target.logger->set_pattern(kHumanPattern);
  } else {
    // The pattern opens the object that log() fills.
    target.logger->set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%fZ\",\"level\":\"%l\"%v}",
                               spdlog::pattern_time_type::utc);
  }
}

bool log_enabled(LogLevel level) {
  return sink().logger->should_log(to_spdlog(level));
}

void log(LogLevel level, std::string_view area, std::string_view message,
         std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  std::string line;
  if (sink().format == LogFormat::Json) {
    append_member(line, "area", area);
    append_member(line, "message", message);
    for (const LogField& field : fields) append_member(line, field.key, loggable(field));
  } else {
    line.append(area).append(": ");
    append_escaped(line, message);
    for (const LogField& field : fields) {
      line.append(" ").append(field.key).append("=\"");
      append_escaped(line, loggable(field));
      line += '"';
    }
  }
  sink().logger->log(to_spdlog(level), line);
}

}  // namespace sotto::base
