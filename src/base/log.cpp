#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace sotto::base {
namespace {

struct Sink {
  LogFormat format = LogFormat::Human;
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("sotto");
};

// The one process-wide object: a log has no owner that could be passed to every folder.
Sink& sink() {
  static Sink instance = [] {
    Sink made;
    made.logger->set_level(spdlog::level::warn);
    made.logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-5l%$ %v");
    return made;
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<size_t>(level)];
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
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
  if (format == LogFormat::Json) {
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
    for (const LogField& field : fields) append_member(line, field.key, field.value);
  } else {
    line.append(area).append(": ").append(message);
    for (const LogField& field : fields) {
      line.append(" ").append(field.key).append("=\"");
      append_escaped(line, field.value);
      line += '"';
    }
  }
  sink().logger->log(to_spdlog(level), line);
}

}  // namespace sotto::base
