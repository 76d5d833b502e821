#include "dialect/vonage/ncco/options.h"

#include <algorithm>
#include <cmath>

#include "dialect/vonage/ids.h"
#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::vonage {

Result<std::string> parse_web_address(const text::JsonField& field) {
  const auto text = field.text();
  if (!text) return fail(text.error());
  const auto uri = text::parse_uri(*text);
  if (!uri || (uri->scheme != "http" && uri->scheme != "https") || uri->host.empty()) {
    return field.refuse(ErrorCode::Invalid, "must be an http or https URL");
  }
  return *text;
}

void Options::refuse(const Error& error) {
  if (!error_) error_ = error;
}

void Options::refuse(std::string_view key, std::string_view why) {
  refuse(object_[key].refuse(ErrorCode::Invalid, why).value());
}

Options Options::inner(std::string_view key) {
  if (has(key)) {
    if (const auto object = object_[key].object(); !object) refuse(object.error());
  }
  return Options(object_[key]);
}

void Options::take(const Options& inner) {
  if (inner.error_) refuse(*inner.error_);
}

std::string Options::text(std::string_view key, std::string_view otherwise) {
  if (!has(key)) return std::string(otherwise);
  const auto value = object_[key].lenient_text();
  if (!value) refuse(value.error());
  return value.value_or(std::string());
}

std::string Options::required_text(std::string_view key) {
  if (!has(key)) refuse(key, "is required");
  return text(key);
}

bool Options::boolean(std::string_view key, bool otherwise) {
  if (!has(key)) return otherwise;
  const auto value = object_[key].lenient_boolean();
  if (!value) refuse(value.error());
  return value.value_or(otherwise);
}

double Options::number(std::string_view key, double otherwise, Range range) {
  if (!has(key)) return otherwise;
  const auto value = object_[key].lenient_number();
  if (!value) refuse(value.error());
  return std::clamp(value.value_or(otherwise), range.min, range.max);
}

int64_t Options::integer(std::string_view key, int64_t otherwise, Range range) {
  return std::llround(number(key, static_cast<double>(otherwise), range));
}

std::chrono::milliseconds Options::seconds(std::string_view key, double otherwise, Range range) {
  return std::chrono::milliseconds(std::llround(number(key, otherwise, range) * 1000));
}

std::string Options::url(std::string_view key) {
  const auto values = object_[key].one_or_more();
  if (values.empty()) return {};
  // A string where there is nothing to fetch means none: applications without a fallback have "".
  if (values[0].value().text() != nullptr && text::trim(*values[0].value().text()).empty()) return {};
  const auto address = parse_web_address(values[0]);
  if (!address) refuse(address.error());
  return address.value_or(std::string());
}

std::string Options::required_url(std::string_view key) {
  std::string address = url(key);
  if (address.empty()) refuse(key, "is required");
  return address;
}

Hook Options::hook(std::string_view url_key, std::string_view method_key, http::Method otherwise) {
  Hook hook{url(url_key), otherwise};
  const std::string method = text(method_key);
  if (text::equal_ignoring_case(method, "GET")) {
    hook.method = http::Method::Get;
  } else if (text::equal_ignoring_case(method, "POST")) {
    hook.method = http::Method::Post;
  } else if (!method.empty()) {
    refuse(method_key, "must be one of: GET, POST");
  }
  return hook;
}

std::string Options::word(std::string_view key, std::string_view otherwise,
                          std::initializer_list<std::string_view> words) {
  const std::string value = text(key, otherwise);
  if (!has(key) || error_) return std::string(otherwise);
  if (std::find(words.begin(), words.end(), value) != words.end()) return value;
  std::string list;
  for (const std::string_view each : words) list.append(list.empty() ? "" : ", ").append(each);
  refuse(key, "must be one of: " + list);
  return std::string(otherwise);
}

std::vector<std::string> Options::texts(std::string_view key) {
  std::vector<std::string> values;
  for (const text::JsonField& each : object_[key].one_or_more()) {
    auto value = each.lenient_text();
    if (!value) refuse(value.error());
    values.push_back(std::move(value).value_or(std::string()));
  }
  return values;
}

std::optional<hearing::LegSet> Options::legs(std::string_view key) {
  if (!has(key)) return std::nullopt;
  hearing::LegSet legs;
  for (const text::JsonField& each : object_[key].one_or_more()) {
    const auto value = each.text();
    if (!value) refuse(value.error());
    const auto leg = base::parse_id<call::LegId>(value.value_or(std::string()));
    if (!leg) {
      refuse(key, "must be a list of leg uuids");
    } else {
      legs.push_back(*leg);
    }
  }
  std::sort(legs.begin(), legs.end());
  legs.erase(std::unique(legs.begin(), legs.end()), legs.end());
  return legs;
}

}  // namespace sotto::vonage
