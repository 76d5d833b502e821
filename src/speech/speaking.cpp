#include "speech/speaking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include "audio/resampler.h"
#include "base/check.h"

namespace sotto::speech {
namespace {

using SayAs = call::SpeechRun::SayAs;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Letter by letter, with a comma between: every engine pauses there.
std::string spelt(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    if (!out.empty()) out += ", ";
    out += c;
  }
  return out;
}

// Languages that espeak-ng knows by region too; of any other only the base counts.
constexpr std::array<std::string_view, 11> kRegional = {
    "en-us", "en-gb", "fr-be", "fr-ch", "fr-fr", "pt-br", "pt-pt", "es-419", "vi-vn", "en-029", "ru-lv"};
struct Alias {
  std::string_view code;
  std::string_view voice;
};
constexpr std::array<Alias, 12> kAliases = {{{"no", "nb"},
                                             {"zh", "cmn"},
                                             {"arb", "ar"},
                                             {"fil", "en-us"},
                                             {"fr", "fr-fr"},
                                             {"en-gb-wls", "en-gb"},
                                             {"en-gb-sct", "en-gb-scotland"},
                                             {"es-mx", "es-419"},
                                             {"es-us", "es-419"},
                                             {"es-co", "es-419"},
                                             {"es-ar", "es-419"},
                                             {"en", "en-us"}}};

// Names that documents written for other services use; every other name is a woman's.
constexpr std::array<std::string_view, 46> kMaleNames = {
    "male",    "man",     "matthew",   "joey",    "justin", "kevin",    "stephen", "gregory",
    "brian",   "arthur",  "geraint",   "russell", "hans",   "daniel",   "mathieu", "remi",
    "liam",    "enrique", "sergio",    "andres",  "miguel", "pedro",    "giorgio", "adriano",
    "ricardo", "thiago",  "cristiano", "ruben",   "mads",   "karl",     "jacek",   "jan",
    "maxim",   "takumi",  "zayd",      "maged",   "tarik",  "jordi",    "nikos",   "felipe",
    "henrik",  "oskar",   "cem",       "eric",    "rms",    "tian-tian"};

std::string base_language(const std::string& language) {
  return language.substr(0, language.find('-'));
}

// Only told apart, never read.
std::string key_of(float number) {
  return std::to_string(std::bit_cast<uint32_t>(number));
}

}  // namespace

std::string spoken_text(const call::SpeechRun& run) {
  switch (run.say_as) {
    case SayAs::Characters:
    case SayAs::Digits:
    case SayAs::Telephone: return spelt(run.text);
    case SayAs::Ordinal: return run.text + "th";
    case SayAs::Text:
    case SayAs::Number:
    case SayAs::Date:
    case SayAs::Time:
    case SayAs::Currency: return run.text;
  }
  CHECK(false);
}

Gender gender_of(const std::string& voice) {
  std::string name = lower(voice);
  if (const size_t dot = name.rfind('.'); dot != std::string::npos) name = name.substr(dot + 1);
  if (const size_t dash = name.rfind("-neural"); dash != std::string::npos) name = name.substr(0, dash);
  return std::find(kMaleNames.begin(), kMaleNames.end(), name) == kMaleNames.end() ? Gender::Female
                                                                                   : Gender::Male;
}

EngineKind engine_for(const std::string& language) {
  const std::string code = lower(language);
  return code.empty() || code == "en" || code == "en-us" ? EngineKind::Flite : EngineKind::Espeak;
}

std::string espeak_voice(const std::string& language) {
  const std::string code = lower(language);
  for (const std::string& candidate : {code, base_language(code)}) {
    const auto alias = std::find_if(kAliases.begin(), kAliases.end(),
                                    [&](const Alias& each) { return each.code == candidate; });
    if (alias != kAliases.end()) return std::string(alias->voice);
    if (std::find(kRegional.begin(), kRegional.end(), candidate) != kRegional.end()) return candidate;
  }
  return base_language(code);
}

void trim_start(audio::Pcm& sound) {
  constexpr int kSilence = 150;        // of 32767; engines' silence is less, the softest sound of speech more
  constexpr uint32_t kKeptPart = 100;  // a hundredth of a second before what is heard
  const auto first = std::find_if(sound.samples.begin(), sound.samples.end(),
                                  [](int16_t sample) { return std::abs(sample) > kSilence; });
  if (first == sound.samples.end()) return;
  const auto silent = first - sound.samples.begin();
  const auto kept = static_cast<ptrdiff_t>(sound.rate_hz / kKeptPart);
  if (silent > kept) sound.samples.erase(sound.samples.begin(), first - kept);
}

audio::Pcm join(const std::vector<audio::Pcm>& sounds, const std::vector<call::SpeechRun>& runs,
                uint32_t rate_hz) {
  CHECK(sounds.size() == runs.size());
  audio::Pcm whole;
  whole.rate_hz = sounds.empty() ? 16000 : sounds.front().rate_hz;
  if (rate_hz != 0) whole.rate_hz = rate_hz;
  for (size_t i = 0; i < sounds.size(); ++i) {
    const float factor = std::pow(10.0F, runs[i].gain_db / 20.0F);
    std::vector<int16_t> samples = sounds[i].samples;
    if (sounds[i].rate_hz != whole.rate_hz && !samples.empty()) {
      audio::Resampler resampler(sounds[i].rate_hz, whole.rate_hz);
      std::vector<int16_t> out(samples.size() * whole.rate_hz / sounds[i].rate_hz + 1);
      out.resize(resampler.run(samples, out).written);
      samples = std::move(out);
    }
    for (const int16_t sample : samples) {
      whole.samples.push_back(
          static_cast<int16_t>(std::clamp(static_cast<float>(sample) * factor, -32768.0F, 32767.0F)));
    }
    const auto pause = static_cast<size_t>(runs[i].pause_after.count()) * whole.rate_hz / 1000;
    whole.samples.insert(whole.samples.end(), pause, 0);
  }
  return whole;
}

std::string cache_key(const call::Speech& speech) {
  std::string key = lower(speech.language) + '\x1f' + lower(speech.voice);
  for (const call::SpeechRun& run : speech.runs) {
    key += '\x1e' + run.text + '\x1f' + lower(run.language) + '\x1f' +
           std::to_string(run.pause_after.count()) + '\x1f' + key_of(run.rate) + '\x1f' + key_of(run.pitch) +
           '\x1f' + key_of(run.gain_db) + '\x1f' + std::to_string(static_cast<int>(run.say_as)) + '\x1f' +
           run.format;
  }
  return key;
}

}  // namespace sotto::speech
