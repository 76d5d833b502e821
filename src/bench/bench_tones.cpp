#include "bench/bench_tones.h"

#include <algorithm>

#include "audio/g711.h"
#include "audio/level.h"
#include "audio/tone.h"

namespace sotto::bench {
namespace {

// A set for each of four neighbouring rooms, a tone for each place in the room; then the announcement's.
constexpr std::array<float, 13> kTones = {400, 650,  1000, 450, 700,  1100, 500,
                                          750, 1200, 550,  800, 1300, 2000};
constexpr uint32_t kSets = 4;
constexpr uint32_t kPlaces = 3;
constexpr float kAnnouncement = kTones.back();
constexpr float kLevelDb = -20.0F;
constexpr uint32_t kRateHz = 8000;

float tone_of_place(const MediaBoard& board, uint32_t leg, uint32_t place) {
  return kTones[leg / board.room_legs % kSets * kPlaces + place];
}

}  // namespace

std::span<const float> all_tones() {
  return kTones;
}

float tone_said(const MediaBoard& board, uint32_t leg) {
  const uint32_t place = leg % board.room_legs;
  return place < kPlaces ? tone_of_place(board, leg, place) : 0;
}

std::vector<float> tones_heard(const MediaBoard& board, uint32_t leg) {
  const uint32_t place = leg % board.room_legs;
  std::vector<float> tones;
  if (board.workload == MediaWorkload::Announcements) tones.push_back(kAnnouncement);
  for (uint32_t other = 0; other < std::min(board.room_legs, kPlaces); ++other) {
    const bool whispered = board.workload == MediaWorkload::Whisper && other == 2 && place == 0;
    if (other != place && !whispered) tones.push_back(tone_of_place(board, leg, other));
  }
  return tones;
}

audio::Pcm announcement_sound() {
  audio::Pcm pcm{.rate_hz = kRateHz, .samples = std::vector<int16_t>(kRateHz * 2)};
  audio::ToneGenerator(audio::sine_tone(kAnnouncement, kLevelDb), kRateHz).render(pcm.samples);
  return pcm;
}

std::array<std::byte, 160> encoded_frame(float hz) {
  std::array<int16_t, 160> samples{};
  if (hz > 0) audio::ToneGenerator(audio::sine_tone(hz, kLevelDb), kRateHz).render(samples);
  std::array<std::byte, 160> payload{};
  audio::ulaw_encode(samples, payload);
  return payload;
}

bool hears_only(std::span<const int16_t> samples, std::span<const float> tones) {
  return std::all_of(kTones.begin(), kTones.end(), [&](float hz) {
    const bool expected = std::find(tones.begin(), tones.end(), hz) != tones.end();
    return audio::has_tone(samples, kRateHz, hz) == expected;
  });
}

}  // namespace sotto::bench
