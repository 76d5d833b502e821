#pragma once

#include <string>
#include <string_view>
#include <vector>

// Small operations on ASCII text; bytes above 127 pass unchanged.
namespace sotto::text {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool equal_ignoring_case(std::string_view left, std::string_view right);
std::string lower_case(std::string_view text);
std::string_view trim(std::string_view text);
// Trims, and makes one space of each run of white space within.
std::string collapse_space(std::string_view text);
// The parts between separators, empty ones included; never empty itself.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace sotto::text
