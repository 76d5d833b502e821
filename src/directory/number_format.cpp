#include "directory/number_format.h"

#include <algorithm>

#include "text/ascii.h"
#include "text/e164.h"

namespace sotto::directory {
namespace {

constexpr size_t kE164Min = 7;  // shorter ones are service codes

bool is_whole_number(std::string_view text) {
  return text.size() >= kE164Min && std::all_of(text.begin(), text.end(), text::is_digit);
}

}  // namespace

std::string format_number(std::string_view digits, NumberFormat format, std::string_view country) {
  if (!is_whole_number(digits) || format == NumberFormat::Bare) return std::string(digits);
  return format == NumberFormat::Plus ? "+" + std::string(digits) : text::national_form(digits, country);
}

std::string normalise_number(std::string_view text, NumberFormat format, std::string_view country) {
  if (text.starts_with('+')) return std::string(text.substr(1));
  if (!is_whole_number(text) || format != NumberFormat::National) return std::string(text);
  return text::to_e164(text, country).value_or(std::string(text));
}

}  // namespace sotto::directory
