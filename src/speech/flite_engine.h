#pragma once

#include <mutex>

#include "speech/engine.h"

struct cst_voice_struct;

namespace sotto::speech {

// English in process, by CMU Flite: "rms" and "slt". Its voices keep their settings in themselves, so one
// utterance is spoken at a time.
class FliteEngine final : public Engine {
 public:
  FliteEngine();
  Result<audio::Pcm> synthesise(const Utterance& utterance) override;

 private:
  std::mutex mutex_;  // guards the voices
  cst_voice_struct* male_;
  cst_voice_struct* female_;
};

}  // namespace sotto::speech
