#include "base/ids.h"

namespace sotto::base {
namespace {

constexpr char kHex[] = "0123456789abcdef";

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
  for (size_t i = 0; i < 16; ++i) {
    text[i] = kHex[(high >> (60 - 4 * i)) & 15];
    text[16 + i] = kHex[(low >> (60 - 4 * i)) & 15];
  }
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
