#pragma once

#include <memory>
#include <string>
#include <vector>

#include "speech/espeak_engine.h"
#include "speech/flite_engine.h"
#include "speech/http_engine.h"
#include "speech/synthesiser.h"

namespace sotto::app {

// The operator's choice for one language and voice.
struct VoiceChoice {
  enum class Engine { Service, Own };
  std::string language;  // as in speech::VoiceRow; empty: all
  std::string voice;
  Engine engine = Engine::Service;
  std::string speak_as;  // what the service calls it; empty: the same
};

struct VoiceSettings {
  speech::HttpEngineSettings service;  // without a URL: our own voices only
  std::string female = "nova";         // the service's, for whatever no choice is for
  std::string male = "onyx";
  std::vector<VoiceChoice> choices;
};

// Every engine that can speak, and which one does. Outlives the workers that it speaks in.
class Voices {
 public:
  explicit Voices(const VoiceSettings& settings);
  speech::Synthesiser::Engines engines(uint32_t rate_hz) { return {english_, others_, rows_, rate_hz}; }

 private:
  speech::FliteEngine english_;
  speech::EspeakEngine others_;
  std::unique_ptr<speech::HttpEngine> service_;  // or null
  std::vector<speech::VoiceRow> rows_;
};

}  // namespace sotto::app
