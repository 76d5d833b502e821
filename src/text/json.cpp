#include "text/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "text/utf8.h"

namespace sotto::text {
namespace {

const Json kNull;

void append_number(std::string& out, auto number) {
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof(buffer), number);
  CHECK(written.ec == std::errc{});
  out.append(buffer, written.ptr);
}

void append_real(std::string& out, double number) {
  // JSON has no infinity; our own arithmetic must not make one.
  CHECK(std::isfinite(number));
  append_number(out, number);
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escape(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
  }
}

void append_value(std::string& out, const Json& value);

void append_array(std::string& out, const JsonArray& array) {
  out += '[';
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    append_value(out, array[i]);
  }
  out += ']';
}

void append_object(std::string& out, const JsonObject& object) {
  out += '{';
  bool first = true;
  for (const JsonMember& member : object.members()) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, member.key);
    out += ':';
    append_value(out, member.value);
  }
  out += '}';
}

// Recursion is bounded: parsed values have limits, and the code that builds values does not nest without end.
void append_value(std::string& out, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::Null: out += "null"; return;
    case Json::Kind::Boolean: out += *value.boolean() ? "true" : "false"; return;
    case Json::Kind::Integer: append_number(out, *value.integer()); return;
    case Json::Kind::Real: append_real(out, *value.real()); return;
    case Json::Kind::Text: append_json_string(out, *value.text()); return;
    case Json::Kind::Array: append_array(out, *value.array()); return;
    case Json::Kind::Object: append_object(out, *value.object()); return;
  }
}

}  // namespace

JsonObject::JsonObject(std::initializer_list<JsonMember> members) : members_(members) {}

const Json* JsonObject::find(std::string_view key) const {
  const auto found =
      std::find_if(members_.begin(), members_.end(), [&](const JsonMember& m) { return m.key == key; });
  return found == members_.end() ? nullptr : &found->value;
}

void JsonObject::set(std::string_view key, Json value) {
  const auto found =
      std::find_if(members_.begin(), members_.end(), [&](const JsonMember& m) { return m.key == key; });
  if (found == members_.end()) {
    members_.push_back({std::string(key), std::move(value)});
    return;
  }
  found->value = std::move(value);
}

void JsonObject::erase(std::string_view key) {
  std::erase_if(members_, [&](const JsonMember& m) { return m.key == key; });
}

Json& JsonObject::add(std::string key, Json value) {
  return members_.emplace_back(JsonMember{std::move(key), std::move(value)}).value;
}

bool JsonObject::operator==(const JsonObject& other) const {
  return members_ == other.members_;
}

const Json* Json::find(std::string_view key) const {
  const JsonObject* members = object();
  return members == nullptr ? nullptr : members->find(key);
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = find(key);
  return found == nullptr ? kNull : *found;
}

std::string_view describe(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::Null: return "null";
    case Json::Kind::Boolean: return "a boolean";
    case Json::Kind::Integer: return "an integer";
    case Json::Kind::Real: return "a number";
    case Json::Kind::Text: return "a string";
    case Json::Kind::Array: return "an array";
    case Json::Kind::Object: return "an object";
  }
  return "nothing";
}

std::string to_text(const Json& value) {
  std::string out;
  append_value(out, value);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  // What we send is JSON whatever came from outside: bytes that are no UTF-8 become U+FFFD.
  if (!is_utf8(text)) return append_json_string(out, to_valid_utf8(text));
  out += '"';
  size_t plain = 0;  // where what needs no escape begins
  for (size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escape(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

}  // namespace sotto::text
