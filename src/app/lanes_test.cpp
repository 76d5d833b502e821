#include "app/lanes.h"

#include <gtest/gtest.h>

#include "audio/tone.h"
#include "base/random.h"

namespace sotto::app {
namespace {

using base::WallTime;
using std::chrono::microseconds;
using std::chrono::seconds;

const WallTime kStart{seconds(1000)};

// One second of silence, one of tone, one of silence.
Heard tone_in_the_middle(float hertz) {
  audio::Pcm pcm{8000, std::vector<int16_t>(24'000)};
  audio::ToneGenerator tone(audio::sine_tone(hertz, -12.0F), 8000);
  tone.render(std::span(pcm.samples).subspan(8000, 8000));
  return {"caller", kStart, std::make_shared<const audio::Pcm>(std::move(pcm))};
}

audio::Pcm noise(uint64_t seed, size_t samples) {
  base::SeededRandom random(seed);
  audio::Pcm pcm{8000, std::vector<int16_t>(samples)};
  for (int16_t& sample : pcm.samples)
    sample = static_cast<int16_t>(static_cast<int>(random.below(16'000)) - 8000);
  return pcm;
}

TEST(Lanes, AToneIsFoundWhereItIsAndNoOtherIs) {
  const Heard heard = tone_in_the_middle(700);
  const auto lanes = tone_lanes(heard, "agent", 700);
  ASSERT_EQ(lanes.size(), 1u);
  EXPECT_EQ(lanes[0].from, kStart + seconds(1));
  EXPECT_EQ(lanes[0].to, kStart + seconds(2));
  EXPECT_TRUE(tone_lanes(heard, "agent", 1100).empty());
}

TEST(Lanes, ASoundIsFoundWhereItBeginsAndAnotherIsNot) {
  const audio::Pcm sound = noise(1, 8000);
  audio::Pcm all = noise(2, 24'000);
  for (int16_t& sample : all.samples) sample = static_cast<int16_t>(sample / 8);
  for (size_t i = 0; i < sound.samples.size(); ++i) all.samples[12'000 + i] = sound.samples[i];
  const Heard heard{"agent", kStart, std::make_shared<const audio::Pcm>(std::move(all))};
  const Likeness there = find_sound(heard, sound);
  EXPECT_GT(there.value, 0.99F);
  EXPECT_EQ(there.at, kStart + microseconds(1'500'000));
  EXPECT_LT(find_sound(heard, noise(3, 8000)).value, 0.2F);
}

// As when a packet came late, and its neighbour was spun out meanwhile.
TEST(Lanes, ASoundIsFoundThoughItWasTornApart) {
  const audio::Pcm sound = noise(1, 16'000);
  audio::Pcm all{8000, std::vector<int16_t>(32'000)};
  for (size_t i = 0; i < sound.samples.size(); ++i) {
    const size_t moved = i < 5'000 ? 0 : i < 11'000 ? 160 : 480;
    all.samples[8'000 + i + moved] = sound.samples[i];
  }
  const Heard heard{"agent", kStart, std::make_shared<const audio::Pcm>(std::move(all))};
  const Likeness there = find_sound(heard, sound);
  EXPECT_GT(there.value, 0.6F);
  EXPECT_NEAR((there.at - kStart).count(), 1'000'000, 70'000);
}

TEST(Lanes, TheDrawingHasALineForEachPair) {
  const std::string drawn = draw({{"agent", "whisper", kStart, kStart + seconds(1)},
                                  {"caller", "agent", kStart + seconds(1), kStart + seconds(2)}},
                                 10);
  EXPECT_NE(drawn.find("agent hears whisper |#####.....|"), std::string::npos) << drawn;
  EXPECT_NE(drawn.find("caller hears agent  |.....#####|"), std::string::npos) << drawn;
}

}  // namespace
}  // namespace sotto::app
