#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

// Structured log lines: an event name and fields. Never in a media turn, never with a secret in a field.
namespace sotto::base {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Human, Json };

// Any bytes may be in a value: what is not UTF-8 or would break the line is escaped. A value whose key speaks
// of a secret (password, token, authorization, ...) is replaced: the last door, not a licence to pass one in.
struct LogField {
  std::string_view key;
  std::string value;
};

// Before the first thread is started; without it, warnings and errors go to stderr for people.
void configure_log(LogLevel level, LogFormat format);
bool log_enabled(LogLevel level);
// Any thread. `area` is the folder that speaks; `message` is one sentence in lower case without a full stop.
void log(LogLevel level, std::string_view area, std::string_view message,
         std::initializer_list<LogField> fields = {});

}  // namespace sotto::base
