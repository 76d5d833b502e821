#include "dialect/twilio/twiml/builder.h"

#include <algorithm>
#include <charconv>

#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::twilio {

void Builder::warn(int code, const XmlElement& at, std::string what) {
  problems.push_back({code, false, "<" + at.name + "> " + std::move(what), at.line});
}

void Builder::error(int code, const XmlElement& at, std::string what) {
  problems.push_back({code, true, "<" + at.name + "> " + std::move(what), at.line});
}

bool Builder::failed() const {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& each) { return each.error; });
}

void Builder::add(flow::StepSpec spec, flow::Needs needs) {
  if (needs != flow::Needs::Nothing) untouched_ = false;
  steps.push_back({std::move(spec), needs});
}

std::string Builder::resolve(const std::string& reference) const {
  if (context.base_url.empty()) {
    const auto absolute = text::parse_uri(reference);
    return absolute && absolute->has_authority ? reference : std::string();
  }
  if (reference.empty()) return context.base_url;
  // What is absolute already is fetched and signed to the byte as it was written.
  const auto absolute = text::parse_uri(reference);
  if (absolute && absolute->has_authority) return reference;
  const auto base = text::parse_uri(context.base_url);
  if (!base) return {};
  const auto resolved = text::resolve(*base, reference);
  return resolved ? text::to_text(*resolved) : std::string();
}

flow::DocumentRef Builder::link(const std::string& reference, http::Method method) {
  Link made;
  made.url = resolve(reference);
  made.method = method;
  made.role = context.role;
  return context.links.add(std::move(made));
}

flow::DocumentRef Builder::link(Link given) {
  return context.links.add(std::move(given));
}

Attributes::~Attributes() {
  for (const text::XmlAttribute& attribute : element_.attributes) {
    if (std::find(asked_.begin(), asked_.end(), attribute.name) != asked_.end()) continue;
    if (attribute.name.starts_with("xml")) continue;
    builder_.warn(12200, element_, "has no attribute " + attribute.name);
  }
}

const std::string* Attributes::find(std::string_view name) {
  asked_.push_back(name);
  return element_.attribute(name);
}

std::string Attributes::text(std::string_view name, std::string fallback) {
  const std::string* value = find(name);
  return value == nullptr ? fallback : std::string(text::trim(*value));
}

bool Attributes::flag(std::string_view name, bool fallback, int code) {
  const std::string* value = find(name);
  if (value == nullptr) return fallback;
  const std::string_view given = text::trim(*value);
  if (text::equal_ignoring_case(given, "true")) return true;
  if (text::equal_ignoring_case(given, "false")) return false;
  builder_.warn(code, element_, std::string(name) + ": expected true or false");
  return fallback;
}

int64_t Attributes::whole(std::string_view name, int64_t fallback, int64_t min, int64_t max, int code) {
  const std::string* value = find(name);
  if (value == nullptr) return fallback;
  const std::string_view given = text::trim(*value);
  int64_t number = 0;
  const auto [end, wrong] = std::from_chars(given.data(), given.data() + given.size(), number);
  const bool read = wrong == std::errc() && end == given.data() + given.size() && !given.empty();
  if (read && number >= min && number <= max) return number;
  builder_.warn(code, element_,
                std::string(name) + ": expected a whole number from " + std::to_string(min) + " to " +
                    std::to_string(max));
  return fallback;
}

std::string Attributes::choice(std::string_view name, std::initializer_list<std::string_view> choices,
                               std::string_view fallback, int code) {
  const std::string* value = find(name);
  if (value == nullptr) return std::string(fallback);
  for (const std::string_view choice : choices) {
    if (text::equal_ignoring_case(text::trim(*value), choice)) return std::string(choice);
  }
  builder_.warn(code, element_, std::string(name) + ": \"" + *value + "\" is not one of its values");
  return std::string(fallback);
}

http::Method Attributes::method(std::string_view name, int code, http::Method fallback) {
  const std::string chosen = choice(name, {"GET", "POST"}, to_string(fallback), code);
  return http::parse_method(chosen);
}

std::vector<std::string> Attributes::words(std::string_view name,
                                           std::initializer_list<std::string_view> choices,
                                           std::vector<std::string> fallback, int code) {
  const std::string* value = find(name);
  if (value == nullptr) return fallback;
  std::vector<std::string> chosen;
  const std::string collapsed = text::collapse_space(*value);
  for (const std::string_view word : text::split(collapsed, ' ')) {
    const auto known = std::find_if(choices.begin(), choices.end(), [word](std::string_view each) {
      return text::equal_ignoring_case(each, word);
    });
    if (known != choices.end()) {
      chosen.emplace_back(*known);
    } else if (!word.empty()) {
      builder_.warn(code, element_,
                    std::string(name) + ": \"" + std::string(word) + "\" is not one of its values");
    }
  }
  return chosen.empty() ? fallback : chosen;
}

void Attributes::ignore(std::initializer_list<std::string_view> names) {
  asked_.insert(asked_.end(), names);
}

}  // namespace sotto::twilio
