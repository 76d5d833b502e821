#include "sound/prompts.h"

namespace sotto::sound {
namespace {

media::ToneClip tone_clip(const call::Tone& tone) {
  media::ToneClip clip;
  clip.length = tone.length;
  switch (tone.kind) {
    case call::Tone::Kind::Ringback: clip.tone = audio::ringback_tone(tone.country); break;
    case call::Tone::Kind::Busy: clip.tone = audio::busy_tone(tone.country); break;
    case call::Tone::Kind::Beep: clip.tone = audio::beep_tone(); break;
    case call::Tone::Kind::Sine: clip.tone = audio::sine_tone(tone.hertz, -12.0F); break;
  }
  return clip;
}

}  // namespace

// One prompt on its way. The last clip to come reports the whole.
struct Prompts::Making {
  media::Playlist playlist;
  size_t missing = 0;
  std::optional<Error> error;
  Made made;

  void place(size_t index, Result<audio::SharedPcm> pcm) {
    if (pcm) {
      playlist.clips[index] = media::PcmClip{std::move(*pcm)};
    } else if (!error) {
      error = pcm.error();
    }
    arrived();
  }
  void arrived() {
    if (--missing > 0) return;
    if (error) {
      made(fail(*error));
    } else {
      made(std::move(playlist));
    }
  }
};

Prompts::Prompts(net::WorkerPool& pool, SoundFiles& files, Speak speak)
    : pool_(pool), files_(files), speak_(std::move(speak)) {}

void Prompts::make(const call::PromptSpec& spec, Made made) {
  auto making = std::make_shared<Making>();
  making->playlist.loops = spec.loops;
  making->playlist.gain_db = spec.gain_db;
  making->playlist.clips.resize(spec.playlist.size());
  making->made = std::move(made);
  making->missing = spec.playlist.size() + 1;
  for (size_t i = 0; i < spec.playlist.size(); ++i) make_clip(spec.playlist[i], making, i);
  // The one more is this: however fast the clips were there, the caller hears of it in a later turn.
  pool_.later([making] { making->arrived(); });
}

void Prompts::make_clip(const call::Sound& sound, const std::shared_ptr<Making>& making, size_t index) {
  const auto place = [making, index](Result<audio::SharedPcm> pcm) { making->place(index, std::move(pcm)); };
  if (const auto* file = std::get_if<call::AudioFile>(&sound)) return files_.load(*file, place);
  if (const auto* speech = std::get_if<call::Speech>(&sound)) return speak_(*speech, place);
  if (const auto* tone = std::get_if<call::Tone>(&sound)) {
    making->playlist.clips[index] = tone_clip(*tone);
  } else if (const auto* silence = std::get_if<call::Silence>(&sound)) {
    making->playlist.clips[index] = media::SilenceClip{silence->length};
  } else if (!making->error) {
    making->error = Error{ErrorCode::Unsupported, "prompt: media streams are not configured"};
  }
  making->arrived();
}

}  // namespace sotto::sound
