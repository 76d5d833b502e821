#include "audio/mix.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sotto::audio {
namespace {

constexpr float kGainDbMax = 30.0F;
constexpr float kGainDbMin = -60.0F;

int16_t cut_off(int32_t value) noexcept {
  return static_cast<int16_t>(std::min(std::max(value, -32'768), 32'767));
}

int16_t scaled(int16_t sample, int32_t factor) noexcept {
  return cut_off((sample * factor) >> Gain::kShift);
}

}  // namespace

Gain Gain::from_db(float db) noexcept {
  Gain gain;
  if (db < kGainDbMin) {
    gain.factor_ = 0;
    return gain;
  }
  const float factor = std::pow(10.0F, std::min(db, kGainDbMax) / 20.0F);
  gain.factor_ = static_cast<int32_t>(std::lrint(factor * static_cast<float>(kUnity)));
  return gain;
}

void add(std::span<int32_t> sum, std::span<const int16_t> samples) noexcept {
  int32_t* __restrict out = sum.data();
  const int16_t* __restrict in = samples.data();
  const size_t count = std::min(sum.size(), samples.size());
  for (size_t i = 0; i < count; ++i) out[i] += in[i];
}

void subtract(std::span<int32_t> sum, std::span<const int16_t> samples) noexcept {
  int32_t* __restrict out = sum.data();
  const int16_t* __restrict in = samples.data();
  const size_t count = std::min(sum.size(), samples.size());
  for (size_t i = 0; i < count; ++i) out[i] -= in[i];
}

// `out` may be `samples` itself.
void apply(Gain gain, std::span<const int16_t> samples, std::span<int16_t> out) noexcept {
  const size_t count = std::min(samples.size(), out.size());
  const int32_t factor = gain.factor();
  for (size_t i = 0; i < count; ++i) out[i] = scaled(samples[i], factor);
}

void add(std::span<int32_t> sum, std::span<const int16_t> samples, Gain gain) noexcept {
  if (gain.is_unity()) return add(sum, samples);
  int32_t* __restrict out = sum.data();
  const int16_t* __restrict in = samples.data();
  const size_t count = std::min(sum.size(), samples.size());
  const int32_t factor = gain.factor();
  for (size_t i = 0; i < count; ++i) out[i] += scaled(in[i], factor);
}

void subtract(std::span<int32_t> sum, std::span<const int16_t> samples, Gain gain) noexcept {
  if (gain.is_unity()) return subtract(sum, samples);
  int32_t* __restrict out = sum.data();
  const int16_t* __restrict in = samples.data();
  const size_t count = std::min(sum.size(), samples.size());
  const int32_t factor = gain.factor();
  for (size_t i = 0; i < count; ++i) out[i] -= scaled(in[i], factor);
}

void saturate(std::span<const int32_t> sum, std::span<int16_t> samples) noexcept {
  const int32_t* __restrict in = sum.data();
  int16_t* __restrict out = samples.data();
  const size_t count = std::min(sum.size(), samples.size());
  size_t i = 0;
#if defined(__SSE2__)
  // Eight at a time by the one instruction that saturates; compilers do not find it.
  for (; i + 8 <= count; i += 8) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i + 4));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_packs_epi32(low, high));
  }
#endif
  for (; i < count; ++i) out[i] = cut_off(in[i]);
}

int32_t mean_magnitude(std::span<const int16_t> samples) noexcept {
  if (samples.empty()) return 0;
  int32_t sum = 0;  // 65,535 samples at full scale fit
  const size_t count = std::min<size_t>(samples.size(), 65'535);
  for (size_t i = 0; i < count; ++i) sum += std::abs(int32_t{samples[i]});
  return sum / static_cast<int32_t>(count);
}

}  // namespace sotto::audio
