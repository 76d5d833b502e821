#pragma once

#include <string>
#include <vector>

#include "call/prompt.h"
#include "speech/engine.h"

// From what a program wants said to what an engine is given. Pure.
namespace sotto::speech {

// What an engine is to say for a run: digits and characters spelt out, the rest as it is.
std::string spoken_text(const call::SpeechRun& run);

// A voice by name of gender, or by one of the names that other services' documents use; female where nothing
// says more.
Gender gender_of(const std::string& voice);

// Which engine speaks a language.
enum class EngineKind { Flite, Espeak };
EngineKind engine_for(const std::string& language);
std::string espeak_voice(const std::string& language);  // the nearest one that espeak-ng has

// Takes away the silence at the beginning, a fifth of a second with some engines: who answers is to hear
// words.
void trim_start(audio::Pcm& sound);

// Joins runs into one sound, with their pauses and gains; at `rate_hz`, or if that is 0 at the first one's.
audio::Pcm join(const std::vector<audio::Pcm>& sounds, const std::vector<call::SpeechRun>& runs,
                uint32_t rate_hz = 0);

// The same key, the same sound: for the cache.
std::string cache_key(const call::Speech& speech);

}  // namespace sotto::speech
