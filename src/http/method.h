#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sotto::http {

enum class Method : uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };
inline constexpr size_t kMethods = 8;

constexpr std::string_view to_string(Method method) {
  constexpr std::string_view kNames[kMethods] = {"GET",   "HEAD",   "POST",    "PUT",
                                                 "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames[static_cast<size_t>(method)];
}

// Methods are case-sensitive (RFC 9110 section 9.1).
constexpr Method parse_method(std::string_view name) {
  for (size_t i = 0; i + 1 < kMethods; ++i) {
    if (to_string(static_cast<Method>(i)) == name) return static_cast<Method>(i);
  }
  return Method::Other;
}

}  // namespace sotto::http
