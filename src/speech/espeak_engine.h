#pragma once

#include <chrono>
#include <string>

#include "speech/engine.h"

namespace sotto::speech {

// All other languages, by espeak-ng as a child process for each utterance: its licence stays out of our
// binary, and a crash of it costs one sentence. A child that takes too long is killed.
class EspeakEngine final : public Engine {
 public:
  explicit EspeakEngine(std::string program = "espeak-ng",
                        std::chrono::milliseconds time_max = std::chrono::seconds(10))
      : program_(std::move(program)), time_max_(time_max) {}

  Result<audio::Pcm> synthesise(const Utterance& utterance) override;

 private:
  const std::string program_;
  const std::chrono::milliseconds time_max_;
};

}  // namespace sotto::speech
