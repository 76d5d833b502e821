#include "speech/synthesiser.h"

#include "base/log.h"
#include "speech/speaking.h"

namespace sotto::speech {
namespace {

// A service that fails costs the natural voice, not the words.
Result<audio::Pcm> say(const Synthesiser::Engines& engines, const std::string& voice, Utterance utterance) {
  const VoiceRow* row = find_voice(engines.voices, utterance.language, voice);
  if (row != nullptr && row->engine != nullptr) {
    utterance.voice = row->engine_voice.empty() ? voice : row->engine_voice;
    auto sound = row->engine->synthesise(utterance);
    if (sound) return sound;
    base::log(base::LogLevel::Warning, "speech", "a voice failed, a built-in one speaks",
              {{"language", utterance.language}, {"why", sound.error().detail}});
  }
  Engine& engine = engine_for(utterance.language) == EngineKind::Flite ? engines.english : engines.others;
  return engine.synthesise(utterance);
}

Result<audio::SharedPcm> synthesise(const Synthesiser::Engines& engines, const call::Speech& speech) {
  std::vector<audio::Pcm> sounds;
  for (const call::SpeechRun& run : speech.runs) {
    Utterance utterance;
    utterance.text = spoken_text(run);
    utterance.language = run.language.empty() ? speech.language : run.language;
    utterance.gender = gender_of(speech.voice);
    utterance.rate = std::clamp(run.rate, 0.3F, 3.0F);
    utterance.pitch = std::clamp(run.pitch, 0.5F, 2.0F);
    if (utterance.text.find_first_not_of(" \t\r\n") == std::string::npos) {
      sounds.push_back({});  // a run that is only its pause
      sounds.back().rate_hz = 16000;
      continue;
    }
    auto sound = say(engines, speech.voice, std::move(utterance));
    if (!sound) return fail(sound.error());
    if (sounds.empty()) trim_start(*sound);
    sounds.push_back(std::move(*sound));
  }
  return std::make_shared<const audio::Pcm>(join(sounds, speech.runs, engines.rate_hz));
}

}  // namespace

Synthesiser::Synthesiser(net::WorkerPool& pool, Engines engines, size_t cache_bytes_max)
    : pool_(pool), engines_(std::move(engines)), cache_bytes_max_(cache_bytes_max) {}

void Synthesiser::speak(const call::Speech& speech, Done done) {
  const std::string key = cache_key(speech);
  if (const auto it = cache_.find(key); it != cache_.end()) {
    ++counters_.hits;
    recent_.splice(recent_.begin(), recent_, it->second);
    pool_.later([done = std::move(done), pcm = it->second->pcm] { done(pcm); });
    return;
  }
  auto& waiters = waiting_[key];
  waiters.push_back(std::move(done));
  if (waiters.size() > 1) return;
  using Made = Result<audio::SharedPcm>;
  pool_.run<Made>([engines = engines_, speech] { return synthesise(engines, speech); },
                  [this, key](Made made) { finished(key, std::move(made)); });
}

void Synthesiser::finished(const std::string& key, Result<audio::SharedPcm> made) {
  ++(made ? counters_.made : counters_.failed);
  if (made) keep(key, *made);
  const auto node = waiting_.extract(key);
  for (const Done& done : node.mapped()) done(made);
}

void Synthesiser::keep(const std::string& key, audio::SharedPcm pcm) {
  const auto bytes = [](const audio::SharedPcm& each) { return each->samples.size() * sizeof(int16_t); };
  if (bytes(pcm) > cache_bytes_max_) return;
  counters_.cache_bytes += bytes(pcm);
  recent_.push_front(Entry{key, std::move(pcm)});
  cache_[key] = recent_.begin();
  while (counters_.cache_bytes > cache_bytes_max_) {
    counters_.cache_bytes -= bytes(recent_.back().pcm);
    cache_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

}  // namespace sotto::speech
