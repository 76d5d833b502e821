#include "text/form.h"

#include <algorithm>

#include "base/limits.h"
#include "text/ascii.h"
#include "text/utf8.h"

namespace sotto::text {
namespace {

std::string decode(std::string_view piece) {
  std::string spaced(piece);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return to_valid_utf8(percent_decode(spaced));
}

// The browsers' set: '*' stays, '~' does not.
void append_encoded(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '*' || c == '-' || c == '.' || c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    }
  }
}

}  // namespace

Result<Parameters> parse_form(std::string_view body) {
  Parameters fields;
  for (const std::string_view piece : split(body, '&')) {
    if (piece.empty()) continue;
    if (fields.size() == base::limits::kFormFieldsMax)
      return fail(ErrorCode::TooLarge, "form: over 1000 fields");
    const size_t equals = piece.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
    fields.emplace_back(decode(piece.substr(0, equals)), decode(value));
  }
  return fields;
}

std::string encode_form(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    append_encoded(out, name);
    out += '=';
    append_encoded(out, value);
  }
  return out;
}

}  // namespace sotto::text
