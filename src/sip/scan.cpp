#include "sip/scan.h"

#include <algorithm>

namespace sotto::sip {
namespace {

constexpr void mark(std::array<uint8_t, 256>& table, std::string_view chars, int bits) {
  for (const char c : chars) {
    table[static_cast<unsigned char>(c)] = static_cast<uint8_t>(table[static_cast<unsigned char>(c)] | bits);
  }
}

constexpr std::array<uint8_t, 256> make_table() {
  std::array<uint8_t, 256> table{};
  constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  mark(table, kAlphanumeric, kToken | kUser | kUriParam | kUriHeader | kHost | kParamValue);
  mark(table, "-.!%*_+`'~", kToken | kParamValue);
  mark(table, "[]:/@", kParamValue);          // hosts, as in received=[2001:db8::1], and Call-IDs in Replaces
  mark(table, "-_.!~*'()%&=+$,;?/:", kUser);  // with the password's colon
  mark(table, "-_.!~*'()%[]/:&+$", kUriParam);
  mark(table, "-_.!~*'()%[]/?:+$", kUriHeader);
  mark(table, "-._", kHost);  // "_" is not in the RFC, but is in many host names
  return table;
}
constexpr auto kTable = make_table();

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

bool is_in(char c, CharClass set) {
  return (kTable[static_cast<unsigned char>(c)] & set) != 0;
}

bool all_in(std::string_view text, CharClass set) {
  for (const char c : text) {
    if (!is_in(c, set)) return false;
  }
  return !text.empty();
}

bool all_escaped_in(std::string_view text, CharClass set) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_in(text[i], set)) return false;
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<uint64_t> parse_number(std::string_view digits, uint64_t max) {
  if (digits.empty()) return std::nullopt;
  uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (digit > max || value > (max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

std::string unescape_percent(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

bool Scanner::take_separator(char c) {
  const size_t start = position_;
  skip_spaces();
  if (!take(c)) {
    position_ = start;
    return false;
  }
  skip_spaces();
  return true;
}

std::string_view Scanner::take_while(CharClass set) {
  const size_t start = position_;
  while (position_ < text_.size() && is_in(text_[position_], set)) ++position_;
  return since(start);
}

// What is taken up to one of several stops is short: a search for each of them costs more than it saves.
std::string_view Scanner::take_until(std::string_view stops) {
  const size_t start = position_;
  if (stops.size() == 1) {
    position_ = std::min(text_.find(stops.front(), position_), text_.size());
    return since(start);
  }
  uint64_t set[4] = {};
  for (const char c : stops) {
    const auto code = static_cast<unsigned char>(c);
    set[code / 64] |= uint64_t{1} << code % 64;
  }
  for (; position_ < text_.size(); ++position_) {
    const auto code = static_cast<unsigned char>(text_[position_]);
    if ((set[code / 64] >> code % 64 & 1) != 0) break;
  }
  return since(start);
}

std::string_view Scanner::take_quoted() {
  if (peek() != '"') return {};
  const size_t start = position_;
  for (size_t i = start + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '"') {
      position_ = i + 1;
      return since(start);
    }
  }
  return {};
}

std::optional<std::string_view> Scanner::take_params() {
  const size_t before = position_;
  if (!take_separator(';')) {
    position_ = before;
    return std::string_view{};
  }
  const size_t start = text_.find(';', before);
  do {
    if (take_token().empty()) return std::nullopt;
    if (!take_separator('=')) continue;
    const std::string_view value = peek() == '"' ? take_quoted() : take_while(kParamValue);
    if (value.empty()) return std::nullopt;
  } while (take_separator(';'));
  return since(start);
}

bool Scanner::next_item() {
  if (take_separator(',')) return true;
  skip_spaces();
  failed_ = !at_end();
  return false;
}

std::optional<std::string_view> find_param(std::string_view params, std::string_view name) {
  Scanner scanner(params);
  while (scanner.take_separator(';')) {
    const std::string_view found = trim(scanner.take_until("=;"));
    std::string_view value;
    if (scanner.take_separator('='))
      value = scanner.peek() == '"' ? scanner.take_quoted() : trim(scanner.take_until(";"));
    if (iequals(found, name)) return value;
    scanner.skip_spaces();
  }
  return std::nullopt;
}

bool list_has(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (iequals(trim(list.substr(0, comma)), item)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace sotto::sip
