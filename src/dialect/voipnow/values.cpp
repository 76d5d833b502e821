#include "dialect/voipnow/values.h"

#include <algorithm>
#include <charconv>

#include "text/ascii.h"
#include "text/utf8.h"

namespace sotto::voipnow {
namespace {

constexpr size_t kNameMax = 80;
constexpr size_t kNumberMax = 32;
constexpr size_t kObjectIdMax = 255;
constexpr size_t kPublicNumberMin = 7;  // shorter ones are extensions and services, and take no plus

bool consists_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_caller_number(std::string_view text) {
  return text.size() <= kNumberMax && consists_of(text, "0123456789*+#");
}

}  // namespace

std::optional<CallerId> parse_caller_id(std::string_view text) {
  const std::string_view whole = text::trim(text);
  if (is_caller_number(whole)) return CallerId{{}, std::string(whole)};
  const size_t open = whole.find('<');
  if (open == std::string_view::npos || !whole.ends_with('>')) return std::nullopt;
  const std::string_view name = text::trim(whole.substr(0, open));
  const std::string_view number = whole.substr(open + 1, whole.size() - open - 2);
  const bool controls = std::any_of(name.begin(), name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (controls || name.find('>') != std::string_view::npos || !text::is_utf8(name)) return std::nullopt;
  if (text::count_characters(name) > kNameMax || !is_caller_number(number)) return std::nullopt;
  return CallerId{std::string(name), std::string(number)};
}

std::string to_text(const CallerId& caller_id) {
  const std::string number = "<" + caller_id.number + ">";
  return caller_id.name.empty() ? number : caller_id.name + " " + number;
}

bool is_digits(std::string_view text) {
  return consists_of(text, "0123456789");
}

bool is_extension(std::string_view text) {
  if (text.size() > kNumberMax) return false;
  const size_t star = text.find('*');
  if (star == std::string_view::npos) return is_digits(text);
  return is_digits(text.substr(0, star)) && is_digits(text.substr(star + 1));
}

std::optional<std::string> parse_phone_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with(' ')) text.remove_prefix(1);
  if (text.size() > kNumberMax || !is_digits(text)) return std::nullopt;
  return std::string(text);
}

bool is_object_id(std::string_view text) {
  return !text.empty() && text.size() <= kObjectIdMax && std::all_of(text.begin(), text.end(), [](char c) {
    return text::is_digit(c) || text::is_letter(c) || c == '_' || c == '-';
  });
}

std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

std::optional<int64_t> read_number(std::string_view text) {
  int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> read_number(const text::Json& value) {
  if (const int64_t* number = value.integer()) return *number;
  if (const double* real = value.real()) {
    // A whole number may be written "25.0".
    const auto whole = static_cast<int64_t>(std::clamp(*real, -1e15, 1e15));
    return static_cast<double>(whole) == *real ? std::optional<int64_t>(whole) : std::nullopt;
  }
  const std::string* text = value.text();
  return text == nullptr ? std::nullopt : read_number(std::string_view(*text));
}

std::optional<std::string> read_text(const text::Json& value) {
  if (const std::string* text = value.text()) return *text;
  if (const int64_t* number = value.integer()) return std::to_string(*number);
  return std::nullopt;
}

std::optional<bool> read_flag(std::string_view text) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

std::optional<bool> read_flag(const text::Json& value) {
  if (const bool* flag = value.boolean()) return *flag;
  const auto text = read_text(value);
  return text ? read_flag(std::string_view(*text)) : std::nullopt;
}

std::string view_id(uint32_t number) {
  return number < 10 ? "0" + std::to_string(number) : std::to_string(number);
}

std::optional<uint32_t> read_view_id(const text::Json& value) {
  const auto text = read_text(value);
  if (!text || text->size() > 9 || !is_digits(*text)) return std::nullopt;
  return static_cast<uint32_t>(*read_number(std::string_view(*text)));
}

std::string party_text(const base::Address& address) {
  using Kind = base::Address::Kind;
  if (address.kind == Kind::Anonymous || address.text.empty()) return "anonymous";
  const bool is_public =
      address.kind == Kind::Number && address.text.size() >= kPublicNumberMin && is_digits(address.text);
  return is_public ? "+" + address.text : address.text;
}

}  // namespace sotto::voipnow
