#include "telephony/info_digit.h"

#include <cctype>
#include <charconv>
#include <string>

namespace sotto::telephony {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

// The value of one "Name=value" line of the body.
std::string_view field(std::string_view body, std::string_view name) {
  while (!body.empty()) {
    const size_t end = body.find('\n');
    const std::string_view line = trimmed(body.substr(0, end));
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=') {
      return trimmed(line.substr(name.size() + 1));
    }
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  return {};
}

// "10" and "11" are what some phones send for * and #.
std::optional<char> key(std::string_view text) {
  if (text == "10") return '*';
  if (text == "11") return '#';
  constexpr std::string_view kKeys = "0123456789*#ABCD";
  if (text.size() != 1) return std::nullopt;
  const char c = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (kKeys.find(c) == std::string_view::npos) return std::nullopt;
  return c;
}

}  // namespace

std::optional<InfoDigit> digit_of_info(std::string_view content_type, std::string_view body) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  InfoDigit out;
  std::optional<char> digit;
  if (type == "application/dtmf-relay") {
    digit = key(field(body, "Signal"));
    const std::string_view length = field(body, "Duration");
    int ms = 0;
    if (std::from_chars(length.data(), length.data() + length.size(), ms).ec == std::errc{} && ms > 0 &&
        ms < 60'000) {
      out.length = std::chrono::milliseconds(ms);
    }
  } else if (type == "application/dtmf") {
    digit = key(trimmed(body));
  }
  if (!digit) return std::nullopt;
  out.digit = *digit;
  return out;
}

}  // namespace sotto::telephony
