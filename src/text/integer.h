#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sotto::text {

// A text that is nothing but digits, if it fits.
inline std::optional<int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace sotto::text
