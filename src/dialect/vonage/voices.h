#pragma once

#include <string>
#include <string_view>

namespace sotto::vonage {

// What a voice name of 2017 stands for (vonage.md §5.2).
struct Voice {
  std::string_view language;
  int style;
  std::string_view name;
};

// Null for a name without a published mapping.
const Voice* voice_named(std::string_view name);
// The name behind a language's style, as call::Speech takes it; empty: the language's default voice.
std::string voice_of(std::string_view language, int64_t style);

}  // namespace sotto::vonage
