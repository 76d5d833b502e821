#include "media/leg_rings.h"

#include <gtest/gtest.h>

#include "media/media_world.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

struct LegRingsTest : testing::Test {
  MediaWorld world;
  LegId a = world.add_phone();
  LegId b = world.add_phone();

  std::vector<int16_t> drain(TapReader& reader) {
    std::vector<int16_t> out;
    for (auto block = reader.front(); !block.samples.empty(); block = reader.front()) {
      out.insert(out.end(), block.samples.begin(), block.samples.end());
      reader.release();
    }
    return out;
  }
  bool ends_with(const std::vector<int16_t>& samples, uint32_t rate_hz, float hz) {
    const size_t wanted = rate_hz / 10;
    return samples.size() >= wanted && audio::has_tone(std::span(samples).last(wanted), rate_hz, hz);
  }
};

TEST_F(LegRingsTest, ALegWithoutRtpHearsTheOthersAndIsHeardByThem) {
  const LegId socket = world.add_leg(LegSettings{});
  auto ends = world.controller.attach_rings(socket, 16'000);
  ASSERT_TRUE(ends);
  audio::ToneGenerator tone(audio::sine_tone(2500, -20.0F), 16'000);
  std::vector<int16_t> said(16'000);
  tone.render(said);
  EXPECT_EQ(ends->said->write(said), said.size());
  world.apply();
  world.run(300ms);
  const std::vector<int16_t> heard = drain(*ends->heard);
  EXPECT_TRUE(ends_with(heard, 16'000, world.phones.at(a).hz()));
  EXPECT_TRUE(ends_with(heard, 16'000, world.phones.at(b).hz()));
  EXPECT_FALSE(ends_with(heard, 16'000, 2500)) << "never its own echo";
  EXPECT_TRUE(world.phones.at(a).hears(2500));
  EXPECT_TRUE(world.phones.at(b).hears(2500));
  world.member(socket).muted = true;
  world.apply();
  world.run(300ms);
  EXPECT_FALSE(world.phones.at(a).hears(2500)) << "facts hold for it as for any leg";
}

TEST_F(LegRingsTest, FramesGoOnInSilenceAndABreakInWhatIsSaidIsCounted) {
  const LegId socket = world.add_leg(LegSettings{});
  auto ends = world.controller.attach_rings(socket, 8'000);
  ASSERT_TRUE(ends);
  for (hearing::Member& member : world.facts.members) member.muted = true;
  world.apply();
  world.run(400ms);
  EXPECT_NEAR(static_cast<double>(drain(*ends->heard).size()), 400 * 8, 320);
  EXPECT_EQ(ends->said->write(std::vector<int16_t>(400, 100)), 400U);  // two frames and a half
  world.run(200ms);
  EXPECT_EQ(ends->said->passed(), 400U);
  world.controller.close_leg(socket);
  world.run(40ms);
  const auto closed = world.all<LegClosed>();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].statistics.underruns, 1U);
  drain(*ends->heard);
  EXPECT_TRUE(ends->heard->finished());
}

TEST_F(LegRingsTest, ATapGoesAlongToAnotherRoomAndOutlivesTheFirst) {
  const TapId tap = TapId::make(world.random);
  auto reader = world.controller.open_tap(tap, world.facts.room, 1);
  world.facts.taps = {{.id = tap, .channels = {hearing::SaidBy{a}}}};
  world.apply();
  world.run(200ms);
  EXPECT_TRUE(ends_with(drain(*reader), 8000, world.phones.at(a).hz()));

  hearing::Facts second;
  second.room = RoomId::make(world.random);
  second.members = {world.member(a)};
  second.taps = world.facts.taps;
  const RoomId first = world.facts.room;
  world.controller.move_leg(a, second.room);
  world.controller.move_tap(tap, second.room);
  world.controller.close_room(first);
  hearing::Plan empty;
  empty.room = second.room;
  hearing::Plan plan = hearing::derive(second);
  plan.revision = 1;
  world.controller.apply(hearing::diff(empty, plan));
  world.run(300ms);
  EXPECT_TRUE(ends_with(drain(*reader), 8000, world.phones.at(a).hz()));
  EXPECT_FALSE(reader->finished());
  world.controller.close_tap(tap);
  world.run(40ms);
  drain(*reader);
  EXPECT_TRUE(reader->finished());
  EXPECT_EQ(world.counters().plan_faults, 0U);
}

TEST_F(LegRingsTest, ARoomOfAnotherRateEndsTheTap) {
  const TapId tap = TapId::make(world.random);
  auto reader = world.controller.open_tap(tap, world.facts.room, 1);
  const RoomId wide = RoomId::make(world.random);
  world.controller.open_room(wide, 16'000);
  world.controller.move_tap(tap, wide);
  world.run(40ms);
  drain(*reader);
  EXPECT_TRUE(reader->finished());
}

}  // namespace
}  // namespace sotto::media
