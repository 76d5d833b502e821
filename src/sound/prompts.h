#pragma once

#include <functional>
#include <string>

#include "audio/pcm.h"
#include "call/prompt.h"
#include "net/worker_pool.h"
#include "sound/sound_files.h"
#include "telephony/media_control.h"

namespace sotto::sound {

// Makes every kind of sound that a program may name playable: files decoded, speech spoken, tones and silence
// as they are. Control thread. What it is given outlives it.
class Prompts final : public telephony::PromptMaker {
 public:
  using Spoken = std::function<void(Result<audio::SharedPcm>)>;
  using Speak = std::function<void(const call::Speech& speech, Spoken spoken)>;

  Prompts(net::WorkerPool& pool, SoundFiles& files, Speak speak);
  void make(const call::PromptSpec& spec, Made made) override;

 private:
  struct Making;
  void make_clip(const call::Sound& sound, const std::shared_ptr<Making>& making, size_t index);

  net::WorkerPool& pool_;
  SoundFiles& files_;
  const Speak speak_;
};

}  // namespace sotto::sound
