#include "app/config/toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace sotto::app::config {
namespace {

Value convert(const toml::node& node, const std::string& source);

Place place_of(const toml::node& node, const std::string& source) {
  return {source, static_cast<uint32_t>(node.source().begin.line)};
}

Table convert_members(const toml::table& table, const std::string& source) {
  Table out;
  for (const auto& [key, value] : table) {
    out.members.emplace_back(std::string(key.str()), convert(value, source));
    // A value knows where it begins, a table made by "[a.b]" where its header is; both are what is wanted.
    Place& place = out.members.back().second.place;
    if (place.line == 0) place.line = static_cast<uint32_t>(key.source().begin.line);
  }
  std::stable_sort(out.members.begin(), out.members.end(),
                   [](const auto& a, const auto& b) { return a.second.place.line < b.second.place.line; });
  return out;
}

// Recursion is bounded by the parser's own limit on nesting.
Value convert(const toml::node& node, const std::string& source) {
  Value out{place_of(node, source), Value::Other{"something else"}};
  if (const auto* text = node.as_string()) {
    out.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.data = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.data = boolean->get();
  } else if (const auto* array = node.as_array()) {
    std::vector<Value> elements;
    for (const toml::node& each : *array) elements.push_back(convert(each, source));
    out.data = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    out.data = convert_members(*table, source);
  } else if (node.is_floating_point()) {
    out.data = Value::Other{"a number with a fraction"};
  } else {
    out.data = Value::Other{"a date or time"};
  }
  return out;
}

}  // namespace

const Value* Table::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string Value::describe() const {
  if (text() != nullptr) return quoted(*text());
  if (integer() != nullptr) return std::to_string(*integer());
  if (boolean() != nullptr) return *boolean() ? "true" : "false";
  if (array() != nullptr) return array()->empty() ? "an empty list" : "a list";
  if (table() != nullptr) return "a table";
  return std::get<Other>(data).what;
}

Result<Value> parse_toml(std::string_view text, const std::string& source) {
  const toml::parse_result parsed = toml::parse(text, std::string_view(source));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const Place place{source, static_cast<uint32_t>(error.source().begin.line)};
    return fail(ErrorCode::Invalid, place.text() + ": " + std::string(error.description()));
  }
  return Value{Place{source, 1}, convert_members(parsed.table(), source)};
}

}  // namespace sotto::app::config
