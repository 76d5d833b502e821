#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Lexical rules shared by all header parsers (RFC 3261 §25.1). Folded lines are already spaces here.
namespace sotto::sip {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}

// Sets of characters, as bits of one table.
enum CharClass : uint8_t {
  kToken = 1,
  kUser = 2,
  kUriParam = 4,
  kUriHeader = 8,
  kHost = 16,
  kParamValue = 32
};
bool is_in(char c, CharClass set);
bool all_in(std::string_view text, CharClass set);          // false when empty
bool all_escaped_in(std::string_view text, CharClass set);  // "%" must begin a hex pair; true when empty

constexpr bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}
std::string_view trim(std::string_view text);
// Digits only, at least one; nullopt if above `max`.
std::optional<uint64_t> parse_number(std::string_view digits, uint64_t max);
// The text of a quoted string without its quotes and backslashes; other text is returned as it is.
std::string unquote(std::string_view text);
std::string quote(std::string_view text);
std::string unescape_percent(std::string_view text);

// Walks one header value. Every take_x either consumes what it names or leaves the position alone.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  template <std::same_as<std::string> Text>
  explicit Scanner(Text&& temporary) = delete;

  bool at_end() const { return position_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }
  size_t position() const { return position_; }
  std::string_view rest() const { return text_.substr(position_); }
  std::string_view since(size_t start) const { return text_.substr(start, position_ - start); }
  void skip_spaces() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++position_;
    return true;
  }
  // `c` with optional spaces on both sides.
  bool take_separator(char c);
  std::string_view take_while(CharClass set);
  std::string_view take_token() { return take_while(kToken); }
  std::string_view take_until(std::string_view stops);
  // With its quotes; "" if there is none here or it is not closed.
  std::string_view take_quoted();
  // Zero or more ";name[=value]"; nullopt if one is malformed. The result is the raw text from the first ";".
  std::optional<std::string_view> take_params();
  // ",": true and past it. At the end: false. Anything else sets failed().
  bool next_item();
  bool failed() const { return failed_; }

 private:
  std::string_view text_;
  size_t position_ = 0;
  bool failed_ = false;
};

// Looks up one parameter in text that take_params() or a URI accepted. The value is "" if it has none.
std::optional<std::string_view> find_param(std::string_view params, std::string_view name);
template <std::same_as<std::string> Text>
std::optional<std::string_view> find_param(Text&& temporary, std::string_view name) = delete;
// True if the comma-separated list holds `item` (case-insensitive).
bool list_has(std::string_view list, std::string_view item);

}  // namespace sotto::sip
