#pragma once

#include <string>

#include "audio/pcm.h"
#include "base/result.h"

namespace sotto::speech {

enum class Gender { Female, Male };

// One run of plain text in one manner, with everything that SSML said about it already decided.
struct Utterance {
  std::string text;
  std::string language;  // BCP 47, lower case
  Gender gender = Gender::Female;
  float rate = 1.0F;   // of speed, 1 is the voice's own
  float pitch = 1.0F;  // of the voice's mean
  std::string voice;   // the engine's own name of it, for engines that have many
};

// Turns text into sound. Called from worker threads, several at a time; blocks for as long as it takes,
// within the engine's own bound.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<audio::Pcm> synthesise(const Utterance& utterance) = 0;
};

}  // namespace sotto::speech
