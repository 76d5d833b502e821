#include "store/value.h"

namespace sotto::store {

int64_t Value::integer() const {
  if (const auto* number = std::get_if<int64_t>(&value_)) return *number;
  return 0;
}

double Value::real() const {
  if (const auto* number = std::get_if<double>(&value_)) return *number;
  return static_cast<double>(integer());
}

const std::string& Value::text() const {
  static const std::string none;
  const auto* text = std::get_if<std::string>(&value_);
  return text == nullptr ? none : *text;
}

std::optional<int64_t> Value::integer_or_null() const {
  return is_null() ? std::nullopt : std::optional(integer());
}

std::optional<std::string> Value::text_or_null() const {
  return is_null() ? std::nullopt : std::optional(text());
}

}  // namespace sotto::store
