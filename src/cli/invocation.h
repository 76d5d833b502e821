#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::cli {

// The arguments of one command, as they were given, by the names that its Command lists.
class Invocation {
 public:
  explicit Invocation(std::map<std::string, std::vector<std::string>> given) : given_(std::move(given)) {}

  bool has(std::string_view name) const { return given_.contains(std::string(name)); }
  // The first one; empty if there is none.
  std::string text(std::string_view name) const {
    const auto it = given_.find(std::string(name));
    return it == given_.end() || it->second.empty() ? std::string() : it->second.front();
  }
  std::optional<std::string> optional(std::string_view name) const {
    return has(name) ? std::optional(text(name)) : std::nullopt;
  }
  std::vector<std::string> all(std::string_view name) const {
    const auto it = given_.find(std::string(name));
    return it == given_.end() ? std::vector<std::string>() : it->second;
  }
  bool json() const { return has("--json"); }

 private:
  std::map<std::string, std::vector<std::string>> given_;
};

}  // namespace sotto::cli
