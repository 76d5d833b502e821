#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "call/leg.h"
#include "dialect/vonage/hook.h"
#include "text/json_field.h"

namespace sotto::vonage {

struct Range {
  double min;
  double max;
};

// One JSON object read with the tolerance that shipped code needs (vonage.md §4.1): null is absent, numbers
// and booleans may be strings, one value and an array of one are the same, a number out of its range is
// brought into it. The first thing that cannot be understood is kept as the error; what is read after it does
// not matter.
class Options {
 public:
  explicit Options(text::JsonField object) : object_(std::move(object)) {}

  bool has(std::string_view key) const { return !object_[key].null_or_absent(); }
  text::JsonField field(std::string_view key) const { return object_[key]; }
  Options inner(std::string_view key);  // its error must be taken over: see take()
  void take(const Options& inner);

  std::string text(std::string_view key, std::string_view otherwise = {});
  std::string required_text(std::string_view key);
  bool boolean(std::string_view key, bool otherwise);
  double number(std::string_view key, double otherwise, Range range);
  int64_t integer(std::string_view key, int64_t otherwise, Range range);
  std::chrono::milliseconds seconds(std::string_view key, double otherwise, Range range);
  // http or https; the first of an array.
  std::string url(std::string_view key);
  std::string required_url(std::string_view key);
  Hook hook(std::string_view url_key, std::string_view method_key, http::Method otherwise);
  // One of these words.
  std::string word(std::string_view key, std::string_view otherwise,
                   std::initializer_list<std::string_view> words);
  std::vector<std::string> texts(std::string_view key);
  std::optional<hearing::LegSet> legs(std::string_view key);

  void refuse(std::string_view key, std::string_view why);
  void refuse(const Error& error);
  const std::optional<Error>& error() const { return error_; }

 private:
  text::JsonField object_;
  std::optional<Error> error_;
};

Result<std::string> parse_web_address(const text::JsonField& field);

}  // namespace sotto::vonage
