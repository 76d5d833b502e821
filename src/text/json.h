#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// JSON (RFC 8259) values, parser and writer. Values own what they hold and keep the order of members.
// Reading a document field by field, with errors that name the field: text/json_field.h.
namespace sotto::text {

class Json;
struct JsonMember;
using JsonArray = std::vector<Json>;

// Members in the order they were added. find() is linear: our objects are small.
class JsonObject {
 public:
  JsonObject();
  JsonObject(std::initializer_list<JsonMember> members);
  // Written below: until then its members are an incomplete type.
  JsonObject(const JsonObject&);
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(const JsonObject&);
  JsonObject& operator=(JsonObject&&) noexcept;
  ~JsonObject();

  const Json* find(std::string_view key) const;
  // Replaces the member in place, or adds it at the end.
  void set(std::string_view key, Json value);
  void erase(std::string_view key);
  // For a key that is known not to be there yet.
  Json& add(std::string key, Json value);

  const std::vector<JsonMember>& members() const { return members_; }
  bool empty() const { return members_.empty(); }
  bool operator==(const JsonObject&) const;

 private:
  friend class JsonBuilder;
  std::vector<JsonMember> members_;
};

class Json {
 public:
  enum class Kind { Null, Boolean, Integer, Real, Text, Array, Object };

  Json() = default;
  Json(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Json(T value) : value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Json(T value)
      : value_(static_cast<int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(JsonArray value) : value_(std::move(value)) {}
  Json(JsonObject value) : value_(std::move(value)) {}
  // Absent is null.
  template <typename T>
  Json(const std::optional<T>& value) {
    if (value) *this = Json(*value);
  }

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::Null; }

  // Null when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const JsonArray* array() const { return std::get_if<JsonArray>(&value_); }
  const JsonObject* object() const { return std::get_if<JsonObject>(&value_); }
  JsonArray* array() { return std::get_if<JsonArray>(&value_); }
  JsonObject* object() { return std::get_if<JsonObject>(&value_); }

  // The member, or null when this is no object or has no such member.
  const Json* find(std::string_view key) const;
  // The member, or a null value.
  const Json& operator[](std::string_view key) const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, JsonArray, JsonObject> value_;
};

struct JsonMember {
  std::string key;
  Json value;
  bool operator==(const JsonMember&) const = default;
};

inline JsonObject::JsonObject() = default;
inline JsonObject::JsonObject(const JsonObject&) = default;
inline JsonObject::JsonObject(JsonObject&&) noexcept = default;
inline JsonObject& JsonObject::operator=(const JsonObject&) = default;
inline JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
inline JsonObject::~JsonObject() = default;

// "a string", "an object": for messages.
std::string_view describe(Json::Kind kind);

struct JsonLimits {
  size_t depth_max = base::limits::kJsonDepthMax;
  size_t bytes_max = base::limits::kHttpBodyBytesMax;
};

// One value and nothing after it but white space; a byte order mark in front is skipped. Of members with the
// same key the last one stays. Integers beyond int64 become real. Refused: invalid UTF-8, U+0000, numbers
// beyond double. The error tells the byte offset of the token at fault.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// Compact, members in order, non-ASCII as UTF-8. A real that is whole is written without a fraction.
std::string to_text(const Json& value);
// A quoted and escaped JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sotto::text
