#include "flow/engine.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "flow/testing/bench.h"

namespace sotto::flow {
namespace {

using namespace testing;
using call::EndCause;

TEST(Engine, AProgramPlaysAndThenHangsUp) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{talk("welcome")}});
  EXPECT_TRUE(bench.up(caller));
  EXPECT_TRUE(bench.hears(caller, "welcome"));
  EXPECT_EQ(bench.engine.doing(caller), "play");
  ASSERT_TRUE(bench.finish("welcome"));
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::ProgramEnded);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, AFirstPauseLetsItRingAndTheNextStepAnswers) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{PauseStep{3s}, Needs::Ringing}, Step{talk("hello")}});
  EXPECT_FALSE(bench.up(caller));
  EXPECT_EQ(bench.world.signalling.progressed.size(), 1u);
  bench.advance(3s);
  EXPECT_TRUE(bench.up(caller));
  EXPECT_TRUE(bench.hears(caller, "hello"));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, AnOutboundLegIsAskedForItsProgramOnlyWhenItIsUp) {
  Bench bench;
  const LegId agent = bench.world.outbound("300");
  ASSERT_TRUE(bench.engine.run(agent, document(1)));
  EXPECT_TRUE(bench.documents.asked.empty());
  bench.board().on_answered(agent);
  ASSERT_EQ(bench.documents.times(1), 1u);
  EXPECT_TRUE(bench.answer(1, Answer(Replace{program({Step{talk("hi")}})})));
  EXPECT_TRUE(bench.hears(agent, "hi"));
  bench.finish("hi");
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, AnAnswerAfterTheHangUpIsDropped) {
  Bench bench;
  const LegId caller = bench.caller();
  ASSERT_TRUE(bench.engine.run(caller, document(1)));
  const auto asked = bench.documents.open.at(0);
  bench.far_end_hangs_up(caller);
  EXPECT_EQ(bench.documents.cancelled, std::vector<RequestId>{asked.request});
  bench.engine.on_document(asked.request, Answer(Replace{program({Step{talk("late")}})}));
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ANewerProgramWinsOverTheDocumentThatIsOnItsWay) {
  Bench bench;
  const LegId caller = bench.caller();
  ASSERT_TRUE(bench.engine.run(caller, document(1)));
  const auto asked = bench.documents.open.at(0);
  ASSERT_TRUE(bench.engine.replace(caller, program({Step{talk("newer")}})));
  bench.engine.on_document(asked.request, Answer(Replace{program({Step{talk("older")}})}));
  EXPECT_TRUE(bench.hears(caller, "newer"));
  EXPECT_FALSE(bench.hears(caller, "older"));
  bench.finish("newer");
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, WhatRunsGoesOnUntilTheReplacementIsThere) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{talk("old")}});
  ASSERT_TRUE(bench.engine.replace(caller, document(2)));
  EXPECT_TRUE(bench.hears(caller, "old"));
  EXPECT_TRUE(bench.answer(2, fail(ErrorCode::Unreachable, "no such host")));
  EXPECT_TRUE(bench.hears(caller, "old"));
  ASSERT_TRUE(bench.engine.replace(caller, document(3)));
  EXPECT_TRUE(bench.answer(3, Answer(Replace{program({Step{talk("new")}})})));
  EXPECT_FALSE(bench.hears(caller, "old"));
  EXPECT_TRUE(bench.hears(caller, "new"));
  bench.finish("new");
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, AnEndedLegIsRefused) {
  Bench bench;
  const LegId caller = bench.caller();
  bench.far_end_hangs_up(caller);
  EXPECT_FALSE(bench.engine.run(caller, program({Step{talk("x")}})));
  EXPECT_FALSE(bench.engine.replace(caller, document(1)));
  EXPECT_FALSE(bench.engine.hold(caller, std::monostate{}));
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, DocumentsThatOnlyAskForTheNextAreCutOff) {
  Bench bench;
  AskStep again;
  again.ask = {Asking::Always, document(1), false};
  bench.documents.script[1] = Replace{program({Step{again, Needs::Nothing}})};
  const LegId caller = bench.caller();
  ASSERT_TRUE(bench.engine.run(caller, document(1)));
  bench.advance(1s);
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::ProgramFailed);
  EXPECT_EQ(bench.documents.times(1), base::limits::kDocumentsWithoutMediaMax + 1);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ARoleRefusesWhatItMayNotContain) {
  EXPECT_TRUE(validate(*program({Step{talk("x")}}), Role::Screening));
  EXPECT_FALSE(validate(*program({Step{dial({to("1")})}}), Role::Screening));
  EXPECT_FALSE(validate(*program({Step{GatherStep{}}}), Role::ConferenceWait));
  EXPECT_FALSE(validate(*program({Step{LeaveQueueStep{}}}), Role::Main));
  EXPECT_TRUE(validate(*program({Step{LeaveQueueStep{}}}), Role::QueueWait));
  EXPECT_FALSE(validate(*program(std::vector<Step>(2000, Step{AnswerStep{}})), Role::Main));
}

TEST(Engine, ALegThatStillRingsIsNotBridged) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{talk("menu")}});
  const LegId agent = bench.world.outbound("300");
  EXPECT_EQ(bench.engine.bridge(agent, caller).error().code, ErrorCode::Conflict);
  EXPECT_EQ(bench.engine.bridge(caller, agent).error().code, ErrorCode::Conflict);
  EXPECT_TRUE(bench.hears(caller, "menu"));
  EXPECT_EQ(bench.board().orphans(), 0u);
  bench.far_end_hangs_up(agent);
  bench.finish("menu");
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, BridgingOneWhoseRoomEndsWithTheOtherLeavesNobodyBehind) {
  Bench bench;
  JoinRoomStep ending = join("room");
  ending.end_on_exit = true;
  const LegId guest = bench.run(bench.caller(), {Step{join("room")}});
  const LegId host = bench.run(bench.caller(), {Step{ending}});
  (void)bench.engine.bridge(guest, host);
  EXPECT_EQ(bench.board().orphans(), 0u);
  bench.far_end_hangs_up(host);
  EXPECT_TRUE(bench.gone(guest));
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ALegCannotPickUpItself) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  EXPECT_EQ(bench.engine.pick_up(caller, caller).error().code, ErrorCode::Invalid);
  EXPECT_EQ(bench.engine.doing(caller), "dial");
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ACalleeUnderScreeningIsPickedUpAsHeIs) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({whispered("300", "summer"), to("301")})}});
  const LegId agent = bench.answered("300");
  EXPECT_TRUE(bench.hears(agent, "summer"));
  ASSERT_TRUE(bench.engine.pick_up(caller, agent));
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_FALSE(bench.hears(agent, "summer"));
  EXPECT_TRUE(bench.gone(bench.dialled("301")));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ADigitOfATalkOfTwoGoesOnToThePeerButNotThatOfAMenu) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.press(caller, "12");
  EXPECT_EQ(bench.world.media.digits_sent[agent], "12");
  const LegId supervisor = bench.world.outbound("400");
  ASSERT_TRUE(bench.engine.run(supervisor, program({Step{SuperviseStep{agent}, Needs::Nothing}})));
  bench.board().on_answered(supervisor);
  EXPECT_TRUE(bench.hears(agent, supervisor));
  EXPECT_FALSE(bench.hears(caller, supervisor));
  bench.press(supervisor, "9");
  bench.press(agent, "5");
  EXPECT_EQ(bench.world.media.digits_sent[agent], "12");
  EXPECT_EQ(bench.world.media.digits_sent[caller], "5");
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Engine, ThePeerOfAPhoneThatHoldsHearsMusic) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.board().on_far_hold(agent, true);
  EXPECT_TRUE(bench.hears(caller, "hold.mp3"));
  EXPECT_FALSE(bench.hears(agent, "hold.mp3"));
  bench.board().on_far_hold(agent, false);
  EXPECT_FALSE(bench.hears(caller, "hold.mp3"));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

}  // namespace
}  // namespace sotto::flow
