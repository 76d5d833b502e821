#pragma once

#include <variant>

namespace sotto::base {

template <typename... Kinds, typename... All>
bool is_one_of(const std::variant<All...>& value) {
  return (std::holds_alternative<Kinds>(value) || ...);
}

}  // namespace sotto::base
