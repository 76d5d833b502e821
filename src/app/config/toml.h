#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

// TOML documents as plain values that know where they stand. Pure.
namespace sotto::app::config {

struct Value;

// Where something was found: "sotto.toml:12", or the name of an environment variable or flag.
struct Place {
  std::string source;
  uint32_t line = 0;  // 0: not in a file

  std::string text() const { return line == 0 ? source : source + ":" + std::to_string(line); }
  bool operator==(const Place&) const = default;
};

struct Table {
  // In the order of the file.
  std::vector<std::pair<std::string, Value>> members;

  const Value* find(std::string_view key) const;
};

struct Value {
  Place place;
  // What else TOML has (dates, reals) is kept as the word that describes it.
  struct Other {
    std::string what;
  };
  std::variant<std::string, int64_t, bool, std::vector<Value>, Table, Other> data;

  const std::string* text() const { return std::get_if<std::string>(&data); }
  const int64_t* integer() const { return std::get_if<int64_t>(&data); }
  const bool* boolean() const { return std::get_if<bool>(&data); }
  const std::vector<Value>* array() const { return std::get_if<std::vector<Value>>(&data); }
  const Table* table() const { return std::get_if<Table>(&data); }
  // As it is shown to a person: `"abc"`, `12`, `a table`.
  std::string describe() const;
};

// A whole document: its value is a table. The error says file, line and what is wrong there.
Result<Value> parse_toml(std::string_view text, const std::string& source);

// A TOML string in quotes.
std::string quoted(std::string_view text);

}  // namespace sotto::app::config
