#pragma once

// CHECK states what only a bug of ours can break. It stays in every build; input is never CHECKed.
namespace sotto::base {
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;
}

#define CHECK(expression)                               \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::sotto::base::check_failed(#expression, __FILE__, __LINE__))
