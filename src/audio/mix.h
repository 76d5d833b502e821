#pragma once

#include <cstdint>
#include <span>

// Sums frames in 32 bits: 4,096 legs at full scale stay far from the edge. The spans of one call have the
// same length.
namespace sotto::audio {

// A factor for samples: 1,024 is unchanged, at most 30 dB up.
class Gain {
 public:
  static Gain from_db(float db) noexcept;
  bool is_unity() const noexcept { return factor_ == kUnity; }
  int32_t factor() const noexcept { return factor_; }
  static constexpr int kShift = 10;
  bool operator==(const Gain&) const = default;

 private:
  static constexpr int32_t kUnity = 1 << kShift;
  int32_t factor_ = kUnity;
};

void add(std::span<int32_t> sum, std::span<const int16_t> samples) noexcept;
void subtract(std::span<int32_t> sum, std::span<const int16_t> samples) noexcept;
// Changes samples by `gain`, each cut off at full scale: what is added can be subtracted again to the bit.
void apply(Gain gain, std::span<const int16_t> samples, std::span<int16_t> out) noexcept;
void add(std::span<int32_t> sum, std::span<const int16_t> samples, Gain gain) noexcept;
void subtract(std::span<int32_t> sum, std::span<const int16_t> samples, Gain gain) noexcept;
// The mean of what the samples are without their signs.
int32_t mean_magnitude(std::span<const int16_t> samples) noexcept;
// Cuts each sum off at full scale.
void saturate(std::span<const int32_t> sum, std::span<int16_t> samples) noexcept;

}  // namespace sotto::audio
