#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/json.h"

namespace sotto::text {

// A place in a JSON document and the path that led there, for readers whose errors must name the field:
// "capabilities.voice.webhooks[0].address: expected a string, found an integer". The document outlives the
// field. A path through something absent gives an absent field, so a reader need ask only at the end.
class JsonField {
 public:
  explicit JsonField(const Json& document, std::string path = {});

  JsonField operator[](std::string_view key) const;
  // Array elements, each with its index in the path; empty when this is no array.
  std::vector<JsonField> elements() const;

  bool present() const { return value_ != nullptr; }
  bool null_or_absent() const { return value_ == nullptr || value_->is_null(); }
  // A null value when absent.
  const Json& value() const;
  const std::string& path() const { return path_; }

  // Strict: the kind must be right. NotFound when absent, Invalid for another kind, OutOfRange.
  Result<std::string> text() const;
  Result<int64_t> integer(int64_t min = std::numeric_limits<int64_t>::min(),
                          int64_t max = std::numeric_limits<int64_t>::max()) const;
  Result<double> number() const;
  Result<bool> boolean() const;
  Result<std::vector<JsonField>> array() const;
  Result<JsonField> object() const;

  // Lenient, for what shipped code sends: "45" and 45.0 as integer, "0.4" as number, "TRUE", 1 and "1" as
  // boolean, 14155550100 as text, and one value where an array of one is meant. The errors are those of the
  // strict form.
  Result<int64_t> lenient_integer() const;
  Result<double> lenient_number() const;
  Result<bool> lenient_boolean() const;
  Result<std::string> lenient_text() const;
  std::vector<JsonField> one_or_more() const;  // empty when null or absent

  tl::unexpected<Error> refuse(ErrorCode code, std::string_view why) const;

 private:
  JsonField(const Json* value, std::string path) : value_(value), path_(std::move(path)) {}
  tl::unexpected<Error> expected(std::string_view what) const;

  const Json* value_;
  std::string path_;
};

}  // namespace sotto::text
