#include <gtest/gtest.h>

#include "media/media_world.h"

// Who hears whom, measured: each leg says a tone of its own, and what each hears is looked at in its newest
// 100 ms. A bridge, then one fact after the other. On one thread, and on three: there every leg goes round by
// another thread's room before it is listened to.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;
using hearing::SupervisionMode;

struct Tones : testing::TestWithParam<size_t> {
  MediaWorld world{1, 8000, GetParam()};
  std::array<RoomId, 2> elsewhere{};
  LegId a = world.add_phone();
  LegId b = world.add_phone();

  std::string after() {
    if (GetParam() > 1) go_round();
    world.apply();
    world.run(300ms);
    return world.heard();
  }
  void go_round() {
    for (RoomId& room : elsewhere) {
      if (!room.valid()) room = RoomId::make(world.random);
      world.controller.open_room(room, 8000);
    }
    for (const bool away : {true, false}) {
      for (size_t i = 0; i < world.facts.members.size(); ++i) {
        world.controller.move_leg(world.facts.members[i].leg,
                                  away ? elsewhere[i % elsewhere.size()] : world.facts.room);
      }
      world.run(25ms);
    }
  }
  LegId supervise(SupervisionMode mode) {
    const LegId s = world.add_phone();
    world.facts.supervisions = {{.supervisor = s, .target = b, .mode = mode}};
    return s;
  }
  void TearDown() override {
    EXPECT_EQ(world.breaks(), 0U);
    EXPECT_EQ(world.counters().audience_violations, 0U);
    EXPECT_EQ(world.counters().plan_faults, 0U);
  }
};

TEST_P(Tones, Bridge) {
  EXPECT_EQ(after(), "A<B B<A");
}

TEST_P(Tones, NobodyHearsAnybodyBeforeAPlanSaysSo) {
  world.run(300ms);
  EXPECT_EQ(world.heard(), "A< B<");
}

TEST_P(Tones, MuteAndUnmute) {
  world.member(a).muted = true;
  EXPECT_EQ(after(), "A<B B<");
  world.member(a).muted = false;
  EXPECT_EQ(after(), "A<B B<A");
}

TEST_P(Tones, Earmuff) {
  world.member(a).earmuffed = true;
  EXPECT_EQ(after(), "A< B<A");
}

TEST_P(Tones, HoldHearsMusicAlone) {
  world.member(a).held = true;
  world.play({.clips = {ToneClip{audio::sine_tone(2500, -20), 0ms}}, .loops = 0}, a);
  EXPECT_EQ(after(), "A< B<");
  EXPECT_TRUE(world.phones.at(a).hears(2500));
  EXPECT_FALSE(world.phones.at(b).hears(2500));
}

TEST_P(Tones, Whisper) {
  supervise(SupervisionMode::Whisper);
  EXPECT_EQ(after(), "A<B B<AC C<AB");
}

TEST_P(Tones, UnmutedWhispererStaysAWhisperer) {
  const LegId s = supervise(SupervisionMode::Whisper);
  world.member(s).muted = true;
  EXPECT_EQ(after(), "A<B B<A C<AB");
  world.member(s).muted = false;
  EXPECT_EQ(after(), "A<B B<AC C<AB");
}

TEST_P(Tones, Private) {
  supervise(SupervisionMode::Private);
  EXPECT_EQ(after(), "A<B B<AC C<");
}

TEST_P(Tones, Monitor) {
  supervise(SupervisionMode::Listen);
  EXPECT_EQ(after(), "A<B B<A C<AB");
}

TEST_P(Tones, Barge) {
  supervise(SupervisionMode::Barge);
  EXPECT_EQ(after(), "A<BC B<AC C<AB");
}

TEST_P(Tones, FiftyChangesOfMode) {
  supervise(SupervisionMode::Listen);
  constexpr SupervisionMode kModes[] = {SupervisionMode::Whisper, SupervisionMode::Listen,
                                        SupervisionMode::Barge, SupervisionMode::Private};
  const std::string expected[] = {"A<B B<AC C<AB", "A<B B<A C<AB", "A<BC B<AC C<AB", "A<B B<AC C<"};
  for (size_t i = 0; i < 50; ++i) {
    world.facts.supervisions[0].mode = kModes[i % 4];
    EXPECT_EQ(after(), expected[i % 4]) << i;
  }
  EXPECT_EQ(world.all<PlanApplied>().size(), 50U);
}

TEST_P(Tones, PromptForOneListener) {
  world.play({.clips = {ToneClip{audio::sine_tone(2500, -20), 500ms}}}, b);
  EXPECT_EQ(after(), "A<B B<A");
  EXPECT_FALSE(world.phones.at(a).hears(2500));
  EXPECT_TRUE(world.phones.at(b).hears(2500));
  world.run(500ms);
  EXPECT_FALSE(world.phones.at(b).hears(2500));
  const auto ended = world.all<PromptEnded>();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].played, 500ms);
}

TEST_P(Tones, FortyLegs) {
  for (int i = 2; i < 40; ++i) world.member(world.add_phone()).muted = i >= 5;
  world.apply();
  world.run(400ms);
  int wrong = 0;
  for (const auto& [listener, phone] : world.phones) {
    for (const hearing::Member& source : world.facts.members) {
      wrong += world.hears(listener, source.leg) != (!source.muted && source.leg != listener);
    }
  }
  EXPECT_EQ(wrong, 0);
}

// M1 from the media's side: the caller hears music, the agent his whisper, then both each other.
TEST_P(Tones, FromHoldMusicToWhisperToBridgeToMuteWithoutABreak) {
  world.member(a).held = true;
  const PromptId music = world.play({.clips = {ToneClip{audio::sine_tone(2500, -20), 0ms}}, .loops = 0}, a);
  world.play({.clips = {ToneClip{audio::sine_tone(3000, -20), 400ms}}}, b);
  after();
  EXPECT_TRUE(world.phones.at(a).hears(2500));
  EXPECT_TRUE(world.phones.at(b).hears(3000));
  EXPECT_FALSE(world.phones.at(a).hears(3000));
  world.controller.stop_prompt(music);
  world.facts.prompts.clear();
  world.member(a).held = false;
  EXPECT_EQ(after(), "A<B B<A");
  EXPECT_FALSE(world.phones.at(a).hears(2500));
  world.member(b).muted = true;
  EXPECT_EQ(after(), "A< B<A");
  world.facts.members.pop_back();
  EXPECT_EQ(after(), "A< B<");
  EXPECT_GE(world.phones.at(a).packets(), 59U);
}

TEST_P(Tones, WideRoomsMixNarrowLegs) {
  for (const uint32_t rate : {16'000U, 48'000U}) {
    MediaWorld wide(1, rate);
    wide.add_phone();
    wide.add_phone();
    wide.apply();
    wide.run(400ms);
    EXPECT_EQ(wide.heard(), "A<B B<A") << rate;
  }
}

TEST_P(Tones, AThousandMovesBetweenRoomsKeepTheTimeline) {
  after();
  const size_t before = world.all<LegMoved>().size();
  const RoomId other = RoomId::make(world.random);
  world.controller.open_room(other, 16'000);
  for (int i = 0; i < 1000; ++i) {
    world.controller.move_leg(a, i % 2 == 0 ? other : world.facts.room);
    world.run(std::chrono::milliseconds(1 + world.random.below(30)));
  }
  world.run(300ms);
  EXPECT_EQ(world.all<LegMoved>().size() - before, 1000U);
  EXPECT_EQ(world.heard(), "A<B B<A");
  const auto elapsed = (world.clock.now() - base::TimePoint(1s)) / 20ms;
  // Moved more often than its rooms have turns, it may miss some of them, but for the timeline's numbers.
  EXPECT_NEAR(static_cast<double>(world.phones.at(a).packets()), static_cast<double>(elapsed), 12.0);
}

INSTANTIATE_TEST_SUITE_P(Threads, Tones, testing::Values(1, 3));

}  // namespace
}  // namespace sotto::media
