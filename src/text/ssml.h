#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

// Spoken text in a neutral form that every speech engine can follow as far as it is able. Made from SSML as
// Vonage (vonage.md §5.3) and Twilio (twilio.md §2.5) accept it.
namespace sotto::text {

struct XmlElement;

enum class Emphasis { None, Reduced, Moderate, Strong };

enum class SayAs {
  Plain,
  Characters,
  Cardinal,
  Ordinal,
  Digits,
  Fraction,
  Unit,
  Date,
  Time,
  Expletive,
  Telephone,
  Address
};

// Relative to the voice's own manner.
struct Prosody {
  double rate = 1;       // 0.2 to 3
  double pitch = 1;      // 0.5 to 2
  double volume_db = 0;  // -60 to 12
  bool silent = false;   // takes its time and is not heard
  std::string language;  // BCP 47; empty: the voice's own
  Emphasis emphasis = Emphasis::None;
  SayAs say_as = SayAs::Plain;
  std::string format;            // of a date: "mdy", "yyyymmdd"
  std::string phonemes;          // how to pronounce the text, in `phoneme_alphabet`; empty: as written
  std::string phoneme_alphabet;  // "ipa", "x-sampa"

  bool operator==(const Prosody&) const = default;
};

struct SpokenText {
  std::string text;  // white space collapsed
  Prosody prosody;
  bool operator==(const SpokenText&) const = default;
};

using SpeechPart = std::variant<SpokenText, std::chrono::milliseconds>;  // words, or silence

struct Speech {
  std::vector<SpeechPart> parts;

  bool empty() const { return parts.empty(); }
  // For engines that only read.
  std::string plain_text() const;
  // What the vendors' length limits count: characters to speak, markup excluded.
  size_t characters() const;
  bool operator==(const Speech&) const = default;
};

// Text wrapped in <speak> is SSML, other text is spoken as it is. SSML that is not well-formed loses its tags
// and is spoken; of unknown elements the content is spoken. Never fails: a caller must hear something.
Speech parse_speech(std::string_view text);
bool is_ssml(std::string_view text);

// The content of a parsed element such as <speak> or Twilio's <Say>, whatever its name.
Speech speech_from_xml(const XmlElement& element);

}  // namespace sotto::text
