#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sotto::store {

struct SqlHash {
  using is_transparent = void;
  size_t operator()(std::string_view sql) const { return std::hash<std::string_view>()(sql); }
};

// Prepared statements by their SQL, found without a copy of it.
template <typename Statement>
using StatementMap = std::unordered_map<std::string, Statement, SqlHash, std::equal_to<>>;

}  // namespace sotto::store
