#include "speech/flite_engine.h"

#include <memory>

#include <flite/flite.h>

#include "base/check.h"

extern "C" {
cst_voice* register_cmu_us_rms(const char* folder);
cst_voice* register_cmu_us_slt(const char* folder);
}

namespace sotto::speech {
namespace {

constexpr float kMaleMeanHz = 95.0F;
constexpr float kFemaleMeanHz = 167.0F;

struct FreeWave {
  void operator()(cst_wave* wave) const { delete_wave(wave); }
};

}  // namespace

FliteEngine::FliteEngine() {
  flite_init();
  male_ = register_cmu_us_rms(nullptr);
  female_ = register_cmu_us_slt(nullptr);
  CHECK(male_ != nullptr && female_ != nullptr);
}

Result<audio::Pcm> FliteEngine::synthesise(const Utterance& utterance) {
  const bool male = utterance.gender == Gender::Male;
  const std::lock_guard lock(mutex_);
  cst_voice* voice = male ? male_ : female_;
  feat_set_float(voice->features, "duration_stretch", 1.0F / utterance.rate);
  feat_set_float(voice->features, "int_f0_target_mean",
                 (male ? kMaleMeanHz : kFemaleMeanHz) * utterance.pitch);
  const std::unique_ptr<cst_wave, FreeWave> wave(flite_text_to_wave(utterance.text.c_str(), voice));
  if (!wave || wave->num_channels != 1) return fail(ErrorCode::Internal, "speech: flite gave no sound");
  audio::Pcm pcm;
  pcm.rate_hz = static_cast<uint32_t>(wave->sample_rate);
  pcm.samples.assign(wave->samples, wave->samples + wave->num_samples);
  return pcm;
}

}  // namespace sotto::speech
