#pragma once

#include <string>
#include <string_view>

#include "text/json.h"

namespace sotto::text {

// A member's text; empty where there is none.
inline std::string text_at(const Json& json, std::string_view key) {
  const std::string* text = json[key].text();
  return text == nullptr ? std::string() : *text;
}

}  // namespace sotto::text
