#include "dialect/host/speech.h"

namespace sotto::dialect {
namespace {

using call::SpeechRun;

SpeechRun::SayAs say_as(text::SayAs kind) {
  switch (kind) {
    case text::SayAs::Characters: return SpeechRun::SayAs::Characters;
    case text::SayAs::Digits: return SpeechRun::SayAs::Digits;
    case text::SayAs::Cardinal: return SpeechRun::SayAs::Number;
    case text::SayAs::Ordinal: return SpeechRun::SayAs::Ordinal;
    case text::SayAs::Date: return SpeechRun::SayAs::Date;
    case text::SayAs::Time: return SpeechRun::SayAs::Time;
    case text::SayAs::Telephone: return SpeechRun::SayAs::Telephone;
    default: return SpeechRun::SayAs::Text;
  }
}

constexpr float kInaudibleDb = -60.0F;

SpeechRun to_run(const text::SpokenText& spoken) {
  SpeechRun run;
  run.text = spoken.text;
  run.rate = static_cast<float>(spoken.prosody.rate);
  run.pitch = static_cast<float>(spoken.prosody.pitch);
  run.gain_db = spoken.prosody.silent ? kInaudibleDb : static_cast<float>(spoken.prosody.volume_db);
  run.language = spoken.prosody.language;
  run.say_as = say_as(spoken.prosody.say_as);
  run.format = spoken.prosody.format;
  return run;
}

}  // namespace

call::Speech to_speech(const text::Speech& spoken, std::string language, std::string voice) {
  call::Speech speech;
  speech.language = std::move(language);
  speech.voice = std::move(voice);
  for (const text::SpeechPart& part : spoken.parts) {
    if (const auto* words = std::get_if<text::SpokenText>(&part)) {
      speech.runs.push_back(to_run(*words));
      continue;
    }
    if (speech.runs.empty()) speech.runs.emplace_back();
    speech.runs.back().pause_after += std::get<std::chrono::milliseconds>(part);
  }
  return speech;
}

}  // namespace sotto::dialect
