#pragma once

#include <fmt/format.h>

#include "app/config/keys.h"

// What setters are made of: one function for each type of setting.
namespace sotto::app::config {

inline tl::unexpected<Error> allowed(std::string what) {
  return fail(ErrorCode::Invalid, std::move(what));
}

// Any text; `parse` refuses what it must and gives the member its value.
template <typename T, typename Member, typename Parse>
Setter<T> parsed(Member T::*member, std::string what, Parse parse) {
  return {Kind::Text, [member, what, parse](T& into, const Value& value) -> Result<void> {
            if (value.text() == nullptr) return allowed(what);
            auto made = parse(*value.text());
            if (!made) return allowed(what + " (" + made.error().detail + ")");
            into.*member = std::move(*made);
            return {};
          }};
}

template <typename T>
Setter<T> text(std::string T::*member, std::string what = "a text in quotes") {
  return {Kind::Text, [member, what](T& into, const Value& value) -> Result<void> {
            if (value.text() == nullptr) return allowed(what);
            into.*member = *value.text();
            return {};
          }};
}

template <typename T>
Setter<T> boolean(bool T::*member) {
  return {Kind::Boolean, [member](T& into, const Value& value) -> Result<void> {
            if (value.boolean() == nullptr) return allowed("true or false");
            into.*member = *value.boolean();
            return {};
          }};
}

struct Range {
  int64_t min = 0;
  int64_t max = 0;
};

// `Member` is an integer or a duration, or an optional duration, whose 0 is "absent".
template <typename T, typename Member>
Setter<T> integer(Member T::*member, Range range) {
  return {Kind::Integer, [member, range](T& into, const Value& value) -> Result<void> {
            if (value.integer() == nullptr || *value.integer() < range.min || *value.integer() > range.max) {
              return allowed(fmt::format("a whole number from {} to {}", range.min, range.max));
            }
            if constexpr (requires { typename Member::value_type; }) {
              into.*member = std::nullopt;
              if (*value.integer() != 0) into.*member = typename Member::value_type(*value.integer());
            } else {
              into.*member = Member(*value.integer());
            }
            return {};
          }};
}

// A list of texts, each taken by `parse`.
template <typename T, typename Member, typename Parse>
Setter<T> parsed_list(std::vector<Member> T::*member, std::string what, Parse parse) {
  return {Kind::Texts, [member, what, parse](T& into, const Value& value) -> Result<void> {
            if (value.array() == nullptr) return allowed("a list of " + what);
            (into.*member).clear();
            for (const Value& each : *value.array()) {
              if (each.text() == nullptr) {
                return allowed(fmt::format("a list of {} (in it: {})", what, each.describe()));
              }
              auto made = parse(*each.text());
              if (!made) return allowed(fmt::format("a list of {} ({})", what, made.error().detail));
              (into.*member).push_back(std::move(*made));
            }
            return {};
          }};
}

template <typename T>
Setter<T> texts(std::vector<std::string> T::*member, std::string what) {
  return parsed_list(member, std::move(what),
                     [](const std::string& each) -> Result<std::string> { return each; });
}

// One word of several.
template <typename T, typename Member>
Setter<T> choice(Member T::*member, std::vector<std::pair<std::string_view, std::decay_t<Member>>> words) {
  return {Kind::Text, [member, words](T& into, const Value& value) -> Result<void> {
            std::string what;
            for (const auto& [word, meaning] : words) {
              if (value.text() != nullptr && *value.text() == word) {
                into.*member = meaning;
                return {};
              }
              what += (what.empty() ? "" : &word == &words.back().first ? " or " : ", ") + quoted(word);
            }
            return allowed(what);
          }};
}

// E.164 digits of a number that may be written with "+", spaces and hyphens.
Result<std::string> parse_number(const std::string& text);
Result<std::string> parse_country(const std::string& text);

}  // namespace sotto::app::config
