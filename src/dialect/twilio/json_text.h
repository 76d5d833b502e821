#pragma once

#include <string>

#include "text/json.h"

namespace sotto::twilio {

// What we stored ourselves: the text, or nothing where there is none.
inline std::string text_of(const text::Json& json) {
  const std::string* text = json.text();
  return text == nullptr ? std::string() : *text;
}

}  // namespace sotto::twilio
