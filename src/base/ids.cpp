#include "base/ids.h"

#include <array>
#include <cstring>

namespace sotto::base {
namespace {

constexpr std::array<std::array<char, 2>, 256> kHexOfByte = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (size_t byte = 0; byte < table.size(); ++byte) table[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return table;
}();

void write_hex(uint64_t value, char* out) {
  for (int shift = 56; shift >= 0; shift -= 8, out += 2)
    std::memcpy(out, kHexOfByte[(value >> shift) & 255].data(), 2);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_before(size_t digit) {
  return digit == 8 || digit == 12 || digit == 16 || digit == 20;
}

}  // namespace

std::string id_to_hex(uint64_t high, uint64_t low) {
  std::string text(32, '0');
  write_hex(high, text.data());
  write_hex(low, text.data() + 16);
  return text;
}

std::string id_to_uuid(uint64_t high, uint64_t low) {
  const std::string hex = id_to_hex(high, low);
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < hex.size(); ++i) {
    if (dash_before(i)) text += '-';
    text += hex[i];
  }
  return text;
}

std::optional<std::pair<uint64_t, uint64_t>> id_from_text(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  uint64_t halves[2] = {0, 0};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (dashed && dash_before(digits) && text[i] == '-' && (i == 0 || text[i - 1] != '-')) continue;
    const int value = hex_value(text[i]);
    if (value < 0 || digits == 32) return std::nullopt;
    halves[digits / 16] = halves[digits / 16] << 4 | static_cast<uint64_t>(value);
    ++digits;
  }
  if (digits != 32) return std::nullopt;
  return std::pair{halves[0], halves[1]};
}

}  // namespace sotto::base
