#include "http/headers.h"

#include <algorithm>

namespace sotto::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The text up to the next `separator` outside quotes; takes it off `rest`.
std::string_view next_piece(std::string_view& rest, char separator) {
  bool quoted = false;
  size_t i = 0;
  for (; i < rest.size(); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (quoted && rest[i] == '\\' && i + 1 < rest.size()) ++i;
    if (!quoted && rest[i] == separator) break;
  }
  const std::string_view piece = rest.substr(0, i);
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return trimmed(piece);
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string plain;
  text = text.substr(1, text.size() - 2);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

// Names that the rule of a capital after each dash gets wrong.
constexpr std::string_view kOddNames[] = {"WWW-Authenticate",       "ETag",
                                          "Sec-WebSocket-Accept",   "Sec-WebSocket-Key",
                                          "Sec-WebSocket-Protocol", "Sec-WebSocket-Version"};

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equals_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : fields_) {
    if (equals_ignoring_case(field, name)) values.push_back(value);
  }
  return values;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const auto& [field, value] : fields_) {
    if (!equals_ignoring_case(field, name)) continue;
    for (const std::string_view member : split_list(value)) {
      if (equals_ignoring_case(member, token)) return true;
    }
  }
  return false;
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equals_ignoring_case(field.first, name); });
}

std::string canonical_header_name(std::string_view name) {
  if (std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return std::string(name);
  for (const std::string_view odd : kOddNames) {
    if (equals_ignoring_case(odd, name)) return std::string(odd);
  }
  std::string canonical(name);
  bool at_start = true;
  for (char& c : canonical) {
    if (at_start) c = upper(c);
    at_start = c == '-';
  }
  return canonical;
}

std::string media_type(std::string_view content_type) {
  std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(), lower);
  return type;
}

std::optional<std::string> header_parameter(std::string_view value, std::string_view name) {
  next_piece(value, ';');
  while (!value.empty()) {
    const std::string_view piece = next_piece(value, ';');
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equals_ignoring_case(trimmed(piece.substr(0, equals)), name)) continue;
    return unquoted(trimmed(piece.substr(equals + 1)));
  }
  return std::nullopt;
}

std::vector<std::string_view> split_list(std::string_view value) {
  std::vector<std::string_view> members;
  while (!value.empty()) {
    const std::string_view member = next_piece(value, ',');
    if (!member.empty()) members.push_back(member);
  }
  return members;
}

}  // namespace sotto::http
