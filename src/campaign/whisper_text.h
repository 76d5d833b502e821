#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "call/prompt.h"

// Texts with placeholders, as campaigns have them: "Incoming call regarding {topic}, from {caller}".
namespace sotto::campaign {

enum class Placeholder {
  Topic,
  Caller,    // his number, spelt digit by digit
  Campaign,  // its name
  Wait,      // whole seconds that the caller has waited so far
  Key,       // that accepts
};

using TextPart = std::variant<std::string, Placeholder>;

// "{{" is a brace. `field` is what an error names: "whisper: unknown placeholder {foo}; known are ...".
Result<std::vector<TextPart>> parse_template(std::string_view field, std::string_view text);
bool uses(const std::vector<TextPart>& parts, Placeholder placeholder);

struct WhisperFacts {
  std::string topic;
  std::string caller;         // digits; empty: withheld
  std::string caller_absent;  // said instead of a number that was withheld
  std::string campaign;
  std::string key;
  std::chrono::seconds waited{0};
};
// Words that follow each other are one run; numbers carry how they are to be said.
std::vector<call::SpeechRun> fill(const std::vector<TextPart>& parts, const WhisperFacts& facts);

}  // namespace sotto::campaign
