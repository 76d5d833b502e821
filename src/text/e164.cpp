#include "text/e164.h"

#include <algorithm>
#include <array>
#include <optional>

#include "text/ascii.h"
#include "text/country_codes.h"

namespace sotto::text {
namespace {

constexpr size_t kDigitsMin = 7;
constexpr size_t kDigitsMax = 15;
constexpr size_t kPrefixMax = 4;

// How a country dials, where it is not "0" before national and "00" before international numbers.
struct DialPlan {
  std::string_view country;
  std::string_view national_prefix;  // empty: none, numbers are dialled whole
  std::string_view international_prefix;
  size_t national_digits_max = 0;  // for countries without a national prefix: longer digits are international
};

constexpr DialPlan kUsualPlan{"", "0", "00", 0};
constexpr std::array<DialPlan, 23> kPlans = {{
    {"AU", "0", "0011", 0}, {"BY", "8", "810", 0}, {"CY", "", "00", 8},  {"CZ", "", "00", 9},
    {"DK", "", "00", 8},    {"EE", "", "00", 8},   {"ES", "", "00", 9},  {"GR", "", "00", 10},
    {"HK", "", "001", 8},   {"HU", "06", "00", 0}, {"IS", "", "00", 7},  {"IT", "", "00", 11},
    {"JP", "0", "010", 0},  {"KZ", "8", "810", 0}, {"LU", "", "00", 9},  {"LV", "", "00", 8},
    {"MT", "", "00", 8},    {"MX", "", "00", 10},  {"NO", "", "00", 8},  {"PL", "", "00", 9},
    {"PT", "", "00", 9},    {"RU", "8", "810", 0}, {"SG", "", "001", 8},
}};

const DialPlan& plan_of(std::string_view country) {
  const auto found =
      std::find_if(kPlans.begin(), kPlans.end(), [&](const DialPlan& p) { return p.country == country; });
  return found == kPlans.end() ? kUsualPlan : *found;
}

// Digits only; nothing when there is something that no one writes in a number.
std::optional<std::string> digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (is_digit(c)) {
      digits += c;
    } else if (std::string_view(" \t-.()/").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return digits;
}

// The North American plan: ten digits, 1 before them for long distance, 011 before international numbers.
std::string north_american(std::string digits) {
  if (digits.starts_with("011")) return digits.substr(3);
  return digits.size() == 10 ? "1" + digits : digits;
}

std::string to_international(std::string digits, std::string_view country) {
  const std::string_view code = calling_code(country);
  if (code.empty()) return digits;
  if (code == "1") return north_american(std::move(digits));
  const DialPlan& plan = plan_of(country);
  if (digits.starts_with(plan.international_prefix)) return digits.substr(plan.international_prefix.size());
  if (!plan.national_prefix.empty()) {
    if (!digits.starts_with(plan.national_prefix)) return digits;
    return std::string(code) + digits.substr(plan.national_prefix.size());
  }
  return digits.size() <= plan.national_digits_max ? std::string(code) + digits : digits;
}

}  // namespace

Result<std::string> to_e164(std::string_view number, std::string_view country) {
  std::string_view text = trim(number);
  if (text.size() > 4 && equal_ignoring_case(text.substr(0, 4), "tel:")) text = trim(text.substr(4));
  const bool international = text.starts_with('+');
  auto digits = digits_of(international ? text.substr(1) : text);
  if (!digits)
    return fail(ErrorCode::Invalid, "number: holds something that is neither a digit nor a separator");
  if (!international) {
    if (!country.empty()) {
      *digits = to_international(std::move(*digits), country);
    } else if (digits->starts_with("00")) {
      digits->erase(0, 2);
    }
  }
  if (digits->size() < kDigitsMin || digits->size() > kDigitsMax) {
    return fail(ErrorCode::Invalid, "number: must have 7 to 15 digits in international form");
  }
  if (country_of(*digits).empty())
    return fail(ErrorCode::Invalid, "number: does not begin with a country's code");
  return std::move(*digits);
}

std::string national_form(std::string_view digits, std::string_view country) {
  const std::string_view code = calling_code(country);
  if (code.empty()) return std::string(digits);
  const bool domestic = digits.starts_with(code);
  if (code == "1") return domestic ? std::string(digits.substr(1)) : "011" + std::string(digits);
  const DialPlan& plan = plan_of(country);
  if (!domestic) return std::string(plan.international_prefix).append(digits);
  return std::string(plan.national_prefix).append(digits.substr(code.size()));
}

std::string_view country_of(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  for (size_t size = std::min(kPrefixMax, number.size()); size > 0; --size) {
    const std::string_view prefix = number.substr(0, size);
    const auto found =
        std::lower_bound(kCountryCodes.begin(), kCountryCodes.end(), prefix,
                         [](const CountryCode& row, std::string_view p) { return row.prefix < p; });
    if (found != kCountryCodes.end() && found->prefix == prefix) return found->country;
  }
  return {};
}

std::string_view calling_code(std::string_view country) {
  const auto found = std::find_if(kCountryCodes.begin(), kCountryCodes.end(),
                                  [&](const CountryCode& r) { return r.country == country; });
  if (found == kCountryCodes.end()) return {};
  // Countries inside another's code share it.
  if (found->prefix.starts_with('1')) return "1";
  return found->prefix.starts_with('7') ? std::string_view("7") : found->prefix;
}

}  // namespace sotto::text
