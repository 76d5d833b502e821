#include "speech/voice_table.h"

#include <algorithm>

#include "speech/speaking.h"
#include "text/ascii.h"

namespace sotto::speech {
namespace {

bool speaks(const std::string& row, const std::string& language) {
  if (row.empty() || text::equal_ignoring_case(row, language)) return true;
  return language.size() > row.size() && language[row.size()] == '-' &&
         text::equal_ignoring_case(row, std::string_view(language).substr(0, row.size()));
}

}  // namespace

const VoiceRow* find_voice(std::span<const VoiceRow> rows, const std::string& language,
                           const std::string& voice) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const VoiceRow& row) {
    return speaks(row.language, language) &&
           (row.voice.empty() || text::equal_ignoring_case(row.voice, voice)) &&
           (!row.gender || *row.gender == gender_of(voice));
  });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace sotto::speech
