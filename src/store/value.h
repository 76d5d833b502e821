#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What goes into and comes out of a database: the types that SQLite and PostgreSQL share.
namespace sotto::store {

class Value {
 public:
  Value() = default;  // NULL
  Value(int value) : value_(static_cast<int64_t>(value)) {}
  Value(int64_t value) : value_(value) {}
  Value(uint64_t value) : value_(static_cast<int64_t>(value)) {}
  Value(double value) : value_(value) {}
  Value(std::string value) : value_(std::move(value)) {}
  Value(std::string_view value) : value_(std::string(value)) {}
  Value(const char* value) : value_(std::string(value)) {}
  Value(bool) = delete;  // say 1 or 0: the column is a number
  template <typename T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // A value of another type reads as 0 or empty: the schema, not the reader, decides types.
  int64_t integer() const;
  double real() const;
  const std::string& text() const;
  std::optional<int64_t> integer_or_null() const;
  std::optional<std::string> text_or_null() const;

  const auto& raw() const { return value_; }
  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, int64_t, double, std::string> value_;
};

using Values = std::vector<Value>;
using Row = Values;  // in the order of the query's columns

struct Rows {
  std::vector<Row> rows;
  int64_t changed = 0;  // by an INSERT, UPDATE or DELETE

  bool empty() const { return rows.empty(); }
  size_t size() const { return rows.size(); }
  const Row& operator[](size_t index) const { return rows[index]; }
  auto begin() const { return rows.begin(); }
  auto end() const { return rows.end(); }
};

}  // namespace sotto::store
