#include "call/switchboard.h"

#include <gtest/gtest.h>

#include "call/testing/fake_ports.h"

namespace sotto::call {
namespace {

using hearing::OnTargetLeft;
using hearing::Supervision;
using hearing::SupervisionMode;
using testing::World;
using namespace std::chrono_literals;

struct SwitchboardTest : ::testing::Test {
  World world;
  Switchboard& board = world.switchboard;

  void TearDown() override { EXPECT_TRUE(board.is_consistent()); }
  void put_together(std::initializer_list<LegId> legs) {
    const RoomId room = board.leg(*legs.begin())->room;
    for (const LegId leg : legs) ASSERT_TRUE(board.move(leg, room));
  }
};

TEST_F(SwitchboardTest, ALegIsAlwaysInExactlyOneRoomAndOneAloneHearsNobody) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  EXPECT_NE(board.leg(a)->room, board.leg(b)->room);
  EXPECT_FALSE(world.hears(a, b));
  put_together({a, b});
  EXPECT_TRUE(world.hears(a, b));
  EXPECT_TRUE(world.hears(b, a));
  ASSERT_TRUE(board.isolate(b));
  EXPECT_FALSE(world.hears(a, b));
  EXPECT_TRUE(board.is_consistent());
}

TEST_F(SwitchboardTest, EachLegEndsOnceWhoeverEndsItTwice) {
  const LegId leg = world.outbound("15550100");
  board.hang_up(leg, {EndCause::Cancelled, EndedBy::Api});
  board.on_ended(leg, {EndCause::HungUp, EndedBy::FarEnd});
  board.on_answered(leg);
  EXPECT_EQ(world.log.count<LegEnded>(leg), 1u);
  EXPECT_EQ(board.leg(leg), nullptr);
  EXPECT_EQ(world.log.of<CallEnded>().size(), 1u);
  EXPECT_EQ(world.timers.pending(), 0u);
}

TEST_F(SwitchboardTest, RingTimeoutEndsAnUnansweredLegAndAnAnswerStopsIt) {
  const LegId slow = world.outbound("1");
  const LegId quick = world.outbound("2");
  board.on_answered(quick);
  ASSERT_TRUE(board.set_driven(quick, true));
  world.advance(61s);
  EXPECT_EQ(board.leg(slow), nullptr);
  ASSERT_NE(board.leg(quick), nullptr);
  const auto ended = world.log.of<LegEnded>();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(std::get<LegEnded>(ended[0].what).reason.cause, EndCause::RingTimeout);
  EXPECT_EQ(world.signalling.hung_up.size(), 1u);
}

TEST_F(SwitchboardTest, ALateAnswerAfterTheEndIsIgnored) {
  const LegId leg = world.inbound("1", "2");
  board.on_ended(leg, {EndCause::Cancelled, EndedBy::FarEnd});
  const auto late = board.answer(leg);
  ASSERT_FALSE(late);
  EXPECT_TRUE(world.signalling.answered.empty());
}

TEST_F(SwitchboardTest, MuteAndEarmuffAreSeparateFacts) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  put_together({a, b});
  ASSERT_TRUE(board.mute(a, true));
  ASSERT_TRUE(board.earmuff(a, true));
  EXPECT_FALSE(world.hears(b, a));
  EXPECT_FALSE(world.hears(a, b));
  ASSERT_TRUE(board.mute(a, false));
  EXPECT_TRUE(world.hears(b, a));
  EXPECT_FALSE(world.hears(a, b));
  EXPECT_EQ(world.log.count<FactsChanged>(a), 3u);
  ASSERT_TRUE(board.mute(a, false));
  EXPECT_EQ(world.log.count<FactsChanged>(a), 3u) << "what is so already is no change";
}

TEST_F(SwitchboardTest, AWhispererIsHeardByHisTargetAloneAlsoAfterMuteAndUnmute) {
  const LegId agent = world.talking("1");
  const LegId customer = world.talking("2");
  const LegId coach = world.talking("3");
  put_together({agent, customer});
  ASSERT_TRUE(board.supervise(Supervision{coach, agent, SupervisionMode::Whisper}));
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(world.hears(agent, coach));
    EXPECT_FALSE(world.hears(customer, coach));
    EXPECT_TRUE(world.hears(coach, customer));
    ASSERT_TRUE(board.mute(coach, true));
    EXPECT_FALSE(world.hears(agent, coach));
    ASSERT_TRUE(board.mute(coach, false));
  }
}

TEST_F(SwitchboardTest, WhatAnswersAnOfferedLegGoesIntoItsFirstPlan) {
  struct Greeter final : EventSink {
    explicit Greeter(Switchboard& switchboard) : board(switchboard) {}
    void on_event(const Event& event) override {
      if (!std::holds_alternative<LegCreated>(event.what)) return;
      ASSERT_TRUE(board.answer(event.leg));
      PromptSpec hello;
      hello.playlist = {Silence{1s}};
      prompt = *board.play({event.room, event.leg}, hello);
    }
    Switchboard& board;
    PromptId prompt;
  } greeter(board);
  board.add_sink(greeter);
  const LegId caller = world.inbound("1", "2");
  EXPECT_TRUE(world.hears(caller, greeter.prompt));
  EXPECT_EQ(world.media.unconfirmed.size(), 1u);
}

// No plan of any revision lets the customer hear the supervisor on his way in or out.
TEST_F(SwitchboardTest, ASupervisorIsNeverAPlainMemberOnHisWayIn) {
  const LegId agent = world.talking("1");
  const LegId customer = world.talking("2");
  const LegId coach = world.talking("3");
  put_together({agent, customer});
  ASSERT_TRUE(board.supervise(Supervision{coach, agent, SupervisionMode::Whisper}));
  ASSERT_TRUE(board.isolate(coach));
  EXPECT_FALSE(world.hears(customer, coach));
  EXPECT_FALSE(board.supervision_of(coach));
}

TEST_F(SwitchboardTest, TargetLeftFollowEndsOrStaysUnheard) {
  const LegId customer = world.talking("9");
  for (const OnTargetLeft rule : {OnTargetLeft::Follow, OnTargetLeft::End, OnTargetLeft::StayUnheard}) {
    const LegId agent = world.talking("1");
    const LegId coach = world.talking("3");
    put_together({customer, agent});
    ASSERT_TRUE(board.supervise(Supervision{coach, agent, SupervisionMode::Whisper, rule}));
    const LegId other = world.talking("4");
    ASSERT_TRUE(board.move(agent, board.leg(other)->room));
    if (rule == OnTargetLeft::End) {
      EXPECT_EQ(board.leg(coach), nullptr);
    } else if (rule == OnTargetLeft::Follow) {
      EXPECT_TRUE(world.hears(agent, coach));
      EXPECT_FALSE(world.hears(other, coach));
    } else {
      EXPECT_EQ(board.leg(coach)->room, board.leg(customer)->room);
      EXPECT_FALSE(world.hears(customer, coach));
      ASSERT_TRUE(board.isolate(coach));
    }
    ASSERT_TRUE(board.isolate(customer));
  }
}

TEST_F(SwitchboardTest, SupervisionRefusesChainsSelfAndUnansweredSupervisors) {
  const LegId agent = world.talking("1");
  const LegId coach = world.talking("2");
  const LegId second = world.talking("3");
  const LegId ringing = world.outbound("4");
  ASSERT_TRUE(board.supervise(Supervision{coach, agent, SupervisionMode::Whisper}));
  EXPECT_FALSE(board.supervise(Supervision{second, coach, SupervisionMode::Listen}));
  EXPECT_FALSE(board.supervise(Supervision{agent, second, SupervisionMode::Listen}));
  EXPECT_FALSE(board.supervise(Supervision{second, second, SupervisionMode::Listen}));
  EXPECT_FALSE(board.supervise(Supervision{ringing, agent, SupervisionMode::Listen}));
}

struct NoBarging final : SupervisionPolicy {
  Result<void> allow(const Leg&, const Leg&, SupervisionMode mode) const override {
    if (mode == SupervisionMode::Barge)
      return fail(ErrorCode::Forbidden, "supervision: barging is not allowed here");
    return {};
  }
};

TEST_F(SwitchboardTest, ThePolicyIsAskedAtTheStartAndAtEachChangeOfMode) {
  const NoBarging policy;
  board.set_policy(policy);
  const LegId agent = world.talking("1");
  const LegId customer = world.talking("2");
  const LegId coach = world.talking("3");
  put_together({agent, customer});
  EXPECT_EQ(board.supervise(Supervision{coach, agent, SupervisionMode::Barge}).error().code,
            ErrorCode::Forbidden);
  ASSERT_TRUE(board.supervise(Supervision{coach, agent, SupervisionMode::Whisper}));
  EXPECT_EQ(board.set_supervision_mode(coach, SupervisionMode::Barge).error().code, ErrorCode::Forbidden);
  EXPECT_FALSE(world.hears(customer, coach));
  ASSERT_TRUE(board.set_supervision_mode(coach, SupervisionMode::Listen));
  EXPECT_FALSE(world.hears(agent, coach));
}

TEST_F(SwitchboardTest, APromptToOneLegIsHeardByNobodyElseAndEndsWhenHeMoves) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  put_together({a, b});
  const auto prompt = board.play({board.leg(a)->room, a}, PromptSpec{{Tone{}}, 0, 0.0F});
  ASSERT_TRUE(prompt);
  EXPECT_TRUE(world.hears(a, *prompt));
  EXPECT_FALSE(world.hears(b, *prompt));
  const LegId newcomer = world.talking("3");
  ASSERT_TRUE(board.move(newcomer, board.leg(a)->room));
  EXPECT_FALSE(world.hears(newcomer, *prompt));
  ASSERT_TRUE(board.isolate(a));
  EXPECT_TRUE(world.media.playing.empty());
  EXPECT_EQ(world.log.of<PromptEnded>().size(), 1u);
}

TEST_F(SwitchboardTest, ARecordingFollowsItsLegAndEndsWithIt) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  RecordingSpec spec;
  spec.policy = RecordingPolicy::CallerCallee;
  const auto recording = board.record(a, spec);
  ASSERT_TRUE(recording);
  put_together({b, a});
  const auto& taps = board.room(board.leg(b)->room)->taps;
  ASSERT_EQ(taps.size(), 1u);
  EXPECT_EQ(taps[0].channels[1], hearing::TapView(hearing::SaidBy{b}));
  board.hang_up(a, {});
  world.advance(1ms);
  const auto ended = world.log.of<RecordingEnded>();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].leg, a);
  EXPECT_EQ(board.recording(*recording), nullptr);
}

TEST_F(SwitchboardTest, ARecordingOfOneTrackIsWhatTheLegSaysOrWhatItHears) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  put_together({a, b});
  for (const auto& [policy, view] :
       {std::pair<RecordingPolicy, hearing::TapView>{RecordingPolicy::OneVoice, hearing::SaidBy{a}},
        std::pair<RecordingPolicy, hearing::TapView>{RecordingPolicy::OneEar, hearing::HeardBy{a}}}) {
    RecordingSpec spec;
    spec.policy = policy;
    const auto recording = board.record(a, spec);
    ASSERT_TRUE(recording);
    const std::vector<hearing::Tap>& taps = board.room(board.leg(a)->room)->taps;
    ASSERT_EQ(taps.size(), 1u);
    EXPECT_EQ(taps[0].channels, std::vector<hearing::TapView>{view});
    board.stop_recording(*recording);
    world.pump();
  }
}

TEST_F(SwitchboardTest, WhoTalksIsToldOfARoomThatIsWatched) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  put_together({a, b});
  const RoomId room = board.leg(a)->room;
  ASSERT_TRUE(board.watch_speakers(room));
  EXPECT_EQ(world.media.watched, std::vector<RoomId>{room});
  EXPECT_FALSE(board.watch_speakers(RoomId::make(world.random)));
  board.on_speaker(room, a);
  board.on_speaker(room, std::nullopt);
  ASSERT_TRUE(board.isolate(b));
  board.on_speaker(room, b);  // it has left meanwhile
  const auto told = world.log.of<SpeakerChanged>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].leg, a);
  EXPECT_EQ(told[0].room, room);
  EXPECT_FALSE(told[1].leg.valid());
}

TEST_F(SwitchboardTest, TheFarEndsHeadersAreThoseThatCameLast) {
  struct AtTheEnd final : EventSink {
    explicit AtTheEnd(Switchboard& of) : board(of) {}
    void on_event(const Event& event) override {
      if (std::holds_alternative<LegEnded>(event.what)) headers = board.leg(event.leg)->far_headers;
    }
    Switchboard& board;
    base::HeaderFields headers;
  } sink(board);
  board.add_sink(sink);
  const LegId leg = world.outbound("15550100");
  board.on_invited(leg, "abc@host");
  board.on_answered(leg, {{"X-Desk", "7"}, {"X-Mood", "good"}});
  ASSERT_TRUE(board.set_driven(leg, true));
  EXPECT_EQ(board.leg(leg)->sip_call_id, "abc@host");
  board.on_ended(leg, {EndCause::HungUp, EndedBy::FarEnd}, {{"X-Mood", "bad"}});
  EXPECT_EQ(sink.headers, (base::HeaderFields{{"X-Desk", "7"}, {"X-Mood", "bad"}}));
}

TEST_F(SwitchboardTest, ANamedRoomIsOneRoomAndIsGoneWithTheLastMember) {
  const LegId a = world.talking("1");
  const RoomId room = board.create_room({"acme/conference-1"});
  EXPECT_EQ(board.create_room({"acme/conference-1"}), room);
  ASSERT_TRUE(board.move(a, room));
  board.keep_room(room, false);
  EXPECT_NE(board.room_named("acme/conference-1"), nullptr);
  ASSERT_TRUE(board.isolate(a));
  EXPECT_EQ(board.room_named("acme/conference-1"), nullptr);
  EXPECT_NE(board.create_room({"acme/conference-1"}), room) << "a finished room's name is free again";
  board.keep_room(board.room_named("acme/conference-1")->id, false);
}

TEST_F(SwitchboardTest, WaitersHearEachOtherOnlyOnceTheRoomStarts) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  const RoomId room = board.create_room({"r"});
  ASSERT_TRUE(board.set_unstarted(room));
  for (const LegId leg : {a, b}) {
    ASSERT_TRUE(board.set_waiting(leg, true));
    ASSERT_TRUE(board.move(leg, room));
  }
  board.keep_room(room, false);
  EXPECT_FALSE(world.hears(a, b));
  ASSERT_TRUE(board.start_room(room));
  EXPECT_TRUE(world.hears(a, b));
  EXPECT_EQ(world.log.of<RoomStarted>().size(), 1u);
}

TEST_F(SwitchboardTest, AStreamsWayBackIsHeardByItsLegAloneAndMovesWithIt) {
  const LegId a = world.talking("1");
  const LegId b = world.talking("2");
  put_together({a, b});
  StreamSpec spec;
  spec.tracks = {hearing::SaidBy{a}};
  spec.both_ways = true;
  const auto stream = board.open_stream(a, spec);
  ASSERT_TRUE(stream);
  ASSERT_EQ(world.media.playing.size(), 1u);
  EXPECT_TRUE(world.hears(a, world.media.playing.begin()->first));
  EXPECT_FALSE(world.hears(b, world.media.playing.begin()->first));
  ASSERT_TRUE(board.isolate(a));
  ASSERT_EQ(world.media.playing.size(), 1u);
  EXPECT_TRUE(world.hears(a, world.media.playing.begin()->first));
  board.hang_up(a, {});
  EXPECT_TRUE(world.media.streams.empty());
  EXPECT_TRUE(world.media.playing.empty());
}

TEST_F(SwitchboardTest, DrainingRefusesNewCallsAndItsDeadlineEndsTheRest) {
  const LegId up = world.talking("1");
  board.drain(world.clock.now() + 1h);
  EXPECT_FALSE(board.dial(NewLeg{}));
  world.inbound("2", "3");
  EXPECT_EQ(world.signalling.hung_up.size(), 1u);
  EXPECT_NE(board.leg(up), nullptr);
  board.drain(world.clock.now());
  EXPECT_EQ(board.live_legs(), 0u);
}

TEST_F(SwitchboardTest, OrphansAreAnsweredLegsThatNobodyKeeps) {
  const LegId leg = world.outbound("1");
  EXPECT_EQ(board.orphans(), 0u);
  board.on_answered(leg);
  EXPECT_EQ(board.orphans(), 1u);
  ASSERT_TRUE(board.set_driven(leg, true));
  EXPECT_EQ(board.orphans(), 0u);
}

TEST_F(SwitchboardTest, APlanThatWasAppliedIsReportedWithItsCauseAndTheTurnsTime) {
  const LegId a = world.talking("1");
  world.advance(1ms);
  world.log.events.clear();
  ASSERT_TRUE(board.mute(a, true));
  const TimePoint turn = world.clock.now();
  world.advance(0ms);
  const auto applied = world.log.of<PlanApplied>();
  ASSERT_EQ(applied.size(), 1u);
  EXPECT_EQ(std::get<PlanApplied>(applied[0].what).cause, "mute");
  EXPECT_EQ(applied[0].at, turn);
}

}  // namespace
}  // namespace sotto::call
