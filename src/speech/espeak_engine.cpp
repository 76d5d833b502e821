#include "speech/espeak_engine.h"

#include <cmath>

#include "audio/wav.h"
#include "speech/child_process.h"
#include "speech/speaking.h"

namespace sotto::speech {
namespace {

constexpr float kWordsPerMinute = 165.0F;
constexpr float kPitch = 50.0F;  // of 0 to 99
constexpr size_t kOutputBytesMax = size_t{64} * 1024 * 1024;

}  // namespace

Result<audio::Pcm> EspeakEngine::synthesise(const Utterance& utterance) {
  const std::string voice =
      espeak_voice(utterance.language) + (utterance.gender == Gender::Female ? "+f3" : "");
  const auto rate = static_cast<int>(std::lround(kWordsPerMinute * utterance.rate));
  const auto pitch = static_cast<int>(std::lround(std::clamp(kPitch * utterance.pitch, 0.0F, 99.0F)));
  // The text comes by standard input: it must not be taken for an option.
  auto wav = run_child(
      {program_, "--stdin", "--stdout", "-v", voice, "-s", std::to_string(rate), "-p", std::to_string(pitch)},
      utterance.text, time_max_, kOutputBytesMax);
  if (!wav) return fail(wav.error());
  const auto reader = audio::WavReader::create(*wav);
  if (!reader) return fail(reader.error());
  audio::Pcm pcm;
  pcm.rate_hz = reader->format().sample_rate_hz;
  pcm.samples.resize(reader->frames());
  pcm.samples.resize(reader->read_mixed(0, pcm.samples));
  if (pcm.samples.empty())
    return fail(ErrorCode::Internal, "speech: espeak-ng gave no sound for \"" + voice + "\"");
  return pcm;
}

}  // namespace sotto::speech
