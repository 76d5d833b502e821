#include "text/json_field.h"

#include <charconv>
#include <cmath>

#include "text/ascii.h"

namespace sotto::text {
namespace {

const Json kNull;
constexpr double kIntegerLimit = 9.0e18;

bool is_whole(double number) {
  return std::abs(number) < kIntegerLimit && std::floor(number) == number;
}

}  // namespace

JsonField::JsonField(const Json& document, std::string path) : value_(&document), path_(std::move(path)) {}

JsonField JsonField::operator[](std::string_view key) const {
  const Json* found = value_ == nullptr ? nullptr : value_->find(key);
  std::string path = path_;
  if (!path.empty()) path += '.';
  path += key;
  return JsonField(found, std::move(path));
}

std::vector<JsonField> JsonField::elements() const {
  std::vector<JsonField> fields;
  const JsonArray* array = value_ == nullptr ? nullptr : value_->array();
  if (array == nullptr) return fields;
  fields.reserve(array->size());
  for (size_t i = 0; i < array->size(); ++i) {
    fields.push_back(JsonField(&(*array)[i], path_ + "[" + std::to_string(i) + "]"));
  }
  return fields;
}

const Json& JsonField::value() const {
  return value_ == nullptr ? kNull : *value_;
}

tl::unexpected<Error> JsonField::refuse(ErrorCode code, std::string_view why) const {
  return fail(code, (path_.empty() ? std::string("document") : path_) + ": " + std::string(why));
}

tl::unexpected<Error> JsonField::expected(std::string_view what) const {
  if (value_ == nullptr) return refuse(ErrorCode::NotFound, "is required");
  return refuse(ErrorCode::Invalid,
                "expected " + std::string(what) + ", found " + std::string(describe(value_->kind())));
}

Result<std::string> JsonField::text() const {
  if (const std::string* text = value().text()) return *text;
  return expected("a string");
}

Result<int64_t> JsonField::integer(int64_t min, int64_t max) const {
  const int64_t* integer = value().integer();
  if (integer == nullptr) return expected("an integer");
  if (*integer < min || *integer > max) {
    return refuse(ErrorCode::OutOfRange,
                  "must be between " + std::to_string(min) + " and " + std::to_string(max));
  }
  return *integer;
}

Result<double> JsonField::number() const {
  if (const double* real = value().real()) return *real;
  if (const int64_t* integer = value().integer()) return static_cast<double>(*integer);
  return expected("a number");
}

Result<bool> JsonField::boolean() const {
  if (const bool* boolean = value().boolean()) return *boolean;
  return expected("a boolean");
}

Result<std::vector<JsonField>> JsonField::array() const {
  if (value().array() == nullptr) return expected("an array");
  return elements();
}

Result<JsonField> JsonField::object() const {
  if (value().object() == nullptr) return expected("an object");
  return *this;
}

Result<int64_t> JsonField::lenient_integer() const {
  if (const int64_t* integer = value().integer()) return *integer;
  const auto number = lenient_number();
  if (number && is_whole(*number)) return static_cast<int64_t>(*number);
  return expected("an integer");
}

Result<double> JsonField::lenient_number() const {
  const std::string* text = value().text();
  if (text == nullptr) return number();
  const std::string_view digits = trim(*text);
  double parsed = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || !std::isfinite(parsed)) {
    return expected("a number");
  }
  return parsed;
}

Result<bool> JsonField::lenient_boolean() const {
  if (const int64_t* integer = value().integer(); integer != nullptr && (*integer == 0 || *integer == 1)) {
    return *integer == 1;
  }
  const std::string* text = value().text();
  if (text == nullptr) return boolean();
  const std::string_view word = trim(*text);
  if (equal_ignoring_case(word, "true") || word == "1") return true;
  if (equal_ignoring_case(word, "false") || word == "0") return false;
  return expected("a boolean");
}

Result<std::string> JsonField::lenient_text() const {
  switch (value().kind()) {
    case Json::Kind::Boolean:
    case Json::Kind::Integer:
    case Json::Kind::Real: return to_text(value());
    default: return text();
  }
}

std::vector<JsonField> JsonField::one_or_more() const {
  if (null_or_absent()) return {};
  if (value().array() != nullptr) return elements();
  return {*this};
}

}  // namespace sotto::text
