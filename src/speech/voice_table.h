#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "speech/engine.h"

namespace sotto::speech {

// Which engine speaks what is asked for in a language and a voice. Whatever no row is for, the built-in
// voices speak.
struct VoiceRow {
  std::string language;          // "de-AT"; "de" is every German; empty: all
  std::string voice;             // as documents name it, in any case; empty: all
  std::string engine_voice;      // what the engine calls it; empty: the same
  Engine* engine = nullptr;      // outlives the table's user; null: the built-in ones
  std::optional<Gender> gender;  // only voices of this one; absent: all
};

// The first row that fits counts.
const VoiceRow* find_voice(std::span<const VoiceRow> rows, const std::string& language,
                           const std::string& voice);

}  // namespace sotto::speech
