#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sotto::http {

bool equals_ignoring_case(std::string_view a, std::string_view b);

// The fields of a message, in order, names compared without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first field of that name; empty if there is none, which for every header we read means the same.
  std::string_view get(std::string_view name) const;
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  // Whether a comma-separated list (Connection, Upgrade, Sec-WebSocket-Protocol) has this token, in any case.
  bool has_token(std::string_view name, std::string_view token) const;

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);  // replaces every field of that name
  void remove(std::string_view name);
  void reserve(size_t count) { fields_.reserve(count); }

  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// "content-type" as "Content-Type": some clients look names up in this form. A name with a capital in it is
// kept as it is, since whoever wrote it meant it.
std::string canonical_header_name(std::string_view name);

// The type of a Content-Type without its parameters, in lower case: "application/json".
std::string media_type(std::string_view content_type);
// A parameter of a header value: parameter("text/html; charset=utf-8", "charset"). Quotes are taken off.
std::optional<std::string> header_parameter(std::string_view value, std::string_view name);

// The comma-separated members of a header value, trimmed, without empty ones.
std::vector<std::string_view> split_list(std::string_view value);

}  // namespace sotto::http
