#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "audio/pcm.h"
#include "bench/media_board.h"

// Who says and hears which tone in a workload. Every tone has whole periods in a frame, so that a leg can say
// the same frame for ever.
namespace sotto::bench {

// What leg number `leg` says; 0: silence.
float tone_said(const MediaBoard& board, uint32_t leg);
// What it must hear, and nothing else of all_tones().
std::vector<float> tones_heard(const MediaBoard& board, uint32_t leg);
std::span<const float> all_tones();
audio::Pcm announcement_sound();
// One frame of it, as G.711 mu-law.
std::array<std::byte, 160> encoded_frame(float hz);
// Whether `samples` have these tones of all_tones() and no other.
bool hears_only(std::span<const int16_t> samples, std::span<const float> tones);

}  // namespace sotto::bench
