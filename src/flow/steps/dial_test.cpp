#include "flow/steps/dial.h"

#include <gtest/gtest.h>

#include "flow/testing/bench.h"

namespace sotto::flow {
namespace {

using namespace testing;
using call::EndCause;

TEST(Dial, JoinsAnUnscreenedCalleeAtHisAnswer) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  const LegId agent = bench.answered("300");
  EXPECT_FALSE(bench.hears(caller, "ringing"));
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_EQ(bench.observer.accepted, std::vector<LegId>{agent});
  bench.advance(30s);
  bench.far_end_hangs_up(agent);
  const Dialled* dialled = bench.observer.last<Dialled>(caller);
  ASSERT_NE(dialled, nullptr);
  EXPECT_EQ(dialled->status, DialStatus::Completed);
  EXPECT_EQ(dialled->talked, 30s);
  EXPECT_TRUE(bench.gone(caller));
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, TheCallerHearsRingingAndNeverTheWhisper) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({whispered("300", "summer offer")})}});
  const LegId agent = bench.answered("300");
  EXPECT_TRUE(bench.hears(agent, "summer offer"));
  EXPECT_FALSE(bench.hears(caller, "summer offer"));
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  EXPECT_FALSE(bench.hears(caller, agent));
  EXPECT_FALSE(bench.hears(agent, caller));
  bench.finish("summer offer");
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_FALSE(bench.hears(caller, "ringing"));
  bench.far_end_hangs_up(caller);
  EXPECT_EQ(bench.end_of(agent)->cause, EndCause::DriverLeft);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ALateCallerIsAnsweredExactlyAtTheBridge) {
  Bench bench;
  const LegId caller =
      bench.run(bench.caller(), {Step{dial({whispered("300", "summer offer")}), Needs::Ringing}});
  bench.board().on_ringing(bench.dialled("300"), false);
  const LegId agent = bench.answered("300");
  EXPECT_FALSE(bench.up(caller));
  bench.finish("summer offer");
  EXPECT_TRUE(bench.up(caller));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, EarlyMediaIsHeardUntilTheAnswerAndNotWhileHeIsScreened) {
  Bench bench;
  DialStep step = dial({whispered("300", "summer offer")});
  step.ringback.far_end = true;
  const LegId caller = bench.run(bench.caller(), {Step{step}});
  const LegId agent = bench.dialled("300");
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  bench.board().on_ringing(agent, true);
  EXPECT_FALSE(bench.hears(caller, "ringing"));
  EXPECT_TRUE(bench.hears(caller, agent));
  EXPECT_FALSE(bench.hears(agent, caller));
  bench.board().on_answered(agent);
  EXPECT_FALSE(bench.hears(caller, agent));
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  EXPECT_TRUE(bench.hears(agent, "summer offer"));
  bench.finish("summer offer");
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, TheFirstWhoAcceptsWinsAndTheOthersAreReleased) {
  Bench bench;
  const LegId caller =
      bench.run(bench.caller(),
                {Step{dial({whispered("301", "one"), whispered("302", "two"), whispered("303", "three")}),
                      Needs::Ringing}});
  const LegId first = bench.answered("301");
  const LegId second = bench.answered("302");
  const LegId third = bench.dialled("303");
  EXPECT_TRUE(bench.hears(first, "one"));
  EXPECT_TRUE(bench.hears(second, "two"));
  EXPECT_FALSE(bench.hears(second, "one"));
  bench.finish("two");
  EXPECT_TRUE(bench.talking(caller, second));
  EXPECT_EQ(bench.end_of(first)->cause, EndCause::AnsweredElsewhere);
  EXPECT_EQ(bench.end_of(third)->cause, EndCause::AnsweredElsewhere);
  bench.far_end_hangs_up(second);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, InTurnTheNextIsTriedAfterAFailureOrADeclinedWhisper) {
  Bench bench;
  DialStep step = dial({to("301"), whispered("302", "two"), to("303")});
  std::get<std::shared_ptr<const Program>>(step.destinations[1].screening.program) =
      program({Step{talk("two")}, Step{HangUpStep{}}});
  step.order = Order::InTurn;
  const LegId caller = bench.run(bench.caller(), {Step{step}});
  EXPECT_FALSE(bench.dialled("302").valid());
  bench.busy(bench.dialled("301"));
  const LegId second = bench.answered("302");
  bench.finish("two");
  EXPECT_EQ(bench.end_of(second)->cause, EndCause::NotAccepted);
  EXPECT_EQ(bench.observer.declined, std::vector<LegId>{second});
  bench.advance(30s);  // the third rings out
  EXPECT_EQ(bench.observer.last<Dialled>(caller)->status, DialStatus::NoAnswer);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, AnUnansweredCallerIsRefusedAsTheCalleeThatSaysMost) {
  Bench bench;
  DialStep step = dial({to("300"), to("301")});
  step.order = Order::InTurn;
  step.refuse_caller_as_callee = true;
  const LegId caller = bench.run(bench.caller(), {Step{step, Needs::Ringing}});
  bench.board().on_ended(bench.dialled("300"), {EndCause::Busy, call::EndedBy::FarEnd, 486, {}});
  bench.board().on_ended(bench.dialled("301"), {EndCause::Unreachable, call::EndedBy::FarEnd, 503, {}});
  ASSERT_TRUE(bench.end_of(caller));
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::Busy);
  EXPECT_EQ(bench.end_of(caller)->by, call::EndedBy::OtherLeg);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ACallerIsToldWhyHisCalleeCannotBeReachedAtAll) {
  Bench bench;
  DialStep step = dial({to("300")});
  step.refuse_caller_as_callee = true;
  const LegId caller = bench.run(bench.caller(), {Step{step, Needs::Ringing}});
  bench.board().on_ended(bench.dialled("300"), {EndCause::Unroutable, call::EndedBy::FarEnd, 483, {}});
  ASSERT_TRUE(bench.end_of(caller));
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::Unroutable);
  EXPECT_EQ(bench.end_of(caller)->sip_code, 483);  // his call ran in a circle
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, SilenceDoesNotAcceptWhereItMayNot) {
  Bench bench;
  Destination agent = whispered("300", "press a key");
  agent.screening.silence_accepts = false;
  const LegId caller = bench.run(bench.caller(), {Step{dial({agent})}});
  bench.answered("300");
  bench.finish("press a key");
  EXPECT_EQ(bench.observer.last<Dialled>(caller)->status, DialStatus::NoAnswer);
  EXPECT_FALSE(bench.observer.last<Dialled>(caller)->bridged);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, AKeyAcceptsAtOnceWhereKeysDo) {
  Bench bench;
  Destination agent = whispered("300", "press one");
  agent.screening.accept = Accept::Key;
  agent.screening.accept_keys = "1";
  const LegId caller = bench.run(bench.caller(), {Step{dial({agent})}});
  const LegId leg = bench.answered("300");
  bench.press(leg, "2");
  EXPECT_FALSE(bench.talking(caller, leg));
  bench.press(leg, "1");
  EXPECT_TRUE(bench.talking(caller, leg));
  EXPECT_TRUE(bench.world.media.digits_sent.empty());
  bench.far_end_hangs_up(leg);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ACallerWhoLeavesDuringTheWhisperIsToldOfInOneSentence) {
  Bench bench;
  Destination agent = whispered("300", "summer offer");
  agent.caller_gone_notice = std::get<call::Speech>(say("the caller has hung up").playlist[0]);
  const LegId caller = bench.run(bench.caller(), {Step{dial({agent})}});
  const LegId leg = bench.answered("300");
  bench.far_end_hangs_up(caller);
  EXPECT_FALSE(bench.hears(leg, "summer offer"));
  EXPECT_TRUE(bench.hears(leg, "the caller has hung up"));
  EXPECT_EQ(bench.board().orphans(), 0u);
  bench.finish("the caller has hung up");
  EXPECT_EQ(bench.end_of(leg)->cause, EndCause::DriverLeft);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ACallerWhoLeavesWhileItRingsCancels) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  bench.far_end_hangs_up(caller);
  EXPECT_EQ(bench.end_of(bench.dialled("300"))->cause, EndCause::Cancelled);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ADroppedCalleeLetsTheCallerGoOn) {
  Bench bench;
  DialStep step = dial({to("300")});
  step.caller_drop_keys = "*";
  const LegId caller = bench.run(bench.caller(), {Step{step}, Step{talk("goodbye")}});
  const LegId agent = bench.answered("300");
  bench.press(caller, "*");
  EXPECT_TRUE(bench.gone(agent));
  EXPECT_TRUE(bench.hears(caller, "goodbye"));
  bench.finish("goodbye");
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, TheTalkEndsAtItsLimit) {
  Bench bench;
  DialStep step = dial({to("300")});
  step.talk_max = 60s;
  const LegId caller = bench.run(bench.caller(), {Step{step}, Step{talk("goodbye")}});
  const LegId agent = bench.answered("300");
  bench.advance(60s);
  EXPECT_EQ(bench.end_of(agent)->cause, EndCause::TimeLimit);
  EXPECT_TRUE(bench.hears(caller, "goodbye"));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, TakingTheCalleeAwayEndsTheDialWithoutEndingHim) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}, Step{talk("goodbye")}});
  const LegId agent = bench.answered("300");
  ASSERT_TRUE(bench.engine.replace(agent, program({Step{talk("elsewhere")}})));
  EXPECT_EQ(bench.observer.last<Dialled>(caller)->status, DialStatus::ChildTaken);
  EXPECT_TRUE(bench.hears(caller, "goodbye"));
  EXPECT_TRUE(bench.hears(agent, "elsewhere"));
  EXPECT_FALSE(bench.hears(caller, "elsewhere"));
  EXPECT_EQ(bench.board().orphans(), 0u);
  bench.finish("goodbye");
  bench.finish("elsewhere");
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, TakingTheCallerAwayReleasesTheCalleeAndAsksNothing) {
  Bench bench;
  DialStep step = dial({to("300")});
  step.ask = {Asking::Always, document(7), true};
  const LegId caller = bench.run(bench.caller(), {Step{step}});
  const LegId agent = bench.answered("300");
  ASSERT_TRUE(bench.engine.replace(caller, program({Step{talk("elsewhere")}})));
  EXPECT_EQ(bench.end_of(agent)->cause, EndCause::DriverLeft);
  EXPECT_TRUE(bench.documents.asked.empty());
  EXPECT_TRUE(bench.documents.told.empty());
  EXPECT_TRUE(bench.hears(caller, "elsewhere"));
  bench.finish("elsewhere");
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ABlindTransferRingsAndThenJoinsTheTarget) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.board().on_refer_asked(agent, number("400"), std::nullopt);
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  EXPECT_FALSE(bench.hears(agent, caller));
  const LegId target = bench.answered("400");
  EXPECT_TRUE(bench.talking(caller, target));
  EXPECT_EQ(bench.end_of(agent)->cause, EndCause::Transferred);
  bench.far_end_hangs_up(target);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, AFailedTransferComesBack) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.board().on_refer_asked(agent, number("400"), std::nullopt);
  bench.busy(bench.dialled("400"));
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_EQ(bench.world.signalling.refer_reports.back().second, 486);
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, ACallerMayTransferHisCallee) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.board().on_refer_asked(caller, number("400"), std::nullopt);
  const LegId target = bench.answered("400");
  EXPECT_TRUE(bench.talking(agent, target));
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::Transferred);
  EXPECT_EQ(bench.board().orphans(), 0u);
  bench.far_end_hangs_up(target);
  EXPECT_TRUE(bench.gone(agent));
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, AnAttendedTransferJoinsThePeers) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  const LegId second = bench.run(bench.caller("300"), {Step{dial({to("400")})}});
  const LegId expert = bench.answered("400");
  EXPECT_TRUE(bench.talking(second, expert));
  bench.board().on_refer_asked(agent, number("400"), second);
  EXPECT_TRUE(bench.talking(caller, expert));
  EXPECT_TRUE(bench.gone(agent));
  EXPECT_TRUE(bench.gone(second));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

// Another way to the same party, in the order in which they were given.
Destination with_others(std::string first, std::vector<std::string> others) {
  std::shared_ptr<const Destination> otherwise;
  for (size_t i = others.size(); i-- > 0;) {
    Destination next = to(others[i]);
    next.otherwise = std::move(otherwise);
    otherwise = std::make_shared<const Destination>(std::move(next));
  }
  Destination destination = to(std::move(first));
  destination.otherwise = std::move(otherwise);
  return destination;
}

TEST(Dial, WhoCannotBeReachedIsTriedByAnotherWay) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({with_others("300", {"301", "302"})})}});
  EXPECT_FALSE(bench.dialled("301").valid());
  bench.board().on_ended(bench.dialled("300"), {EndCause::Unreachable, call::EndedBy::Platform, 0, {}});
  ASSERT_TRUE(bench.dialled("301").valid());
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  bench.board().on_ended(bench.dialled("301"), {EndCause::FarFailure, call::EndedBy::FarEnd, 500, {}});
  const LegId agent = bench.answered("302");
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_EQ(bench.observer.dialled.size(), 3u);
  bench.far_end_hangs_up(agent);
  EXPECT_EQ(bench.observer.last<Dialled>(caller)->child, agent);
  EXPECT_TRUE(bench.clean());
}

TEST(Dial, WhoIsBusyOrDeclinesOrIsNowhereIsNotAskedAgainByAnotherWay) {
  for (const auto& [cause, code] :
       {std::pair{EndCause::Busy, 486}, std::pair{EndCause::Declined, 603},
        std::pair{EndCause::NoAnswer, 480}, std::pair{EndCause::Unroutable, 604}}) {
    Bench bench;
    const LegId caller = bench.run(bench.caller(), {Step{dial({with_others("300", {"301"})})}});
    bench.board().on_ended(bench.dialled("300"), {cause, call::EndedBy::FarEnd, code, {}});
    EXPECT_FALSE(bench.dialled("301").valid()) << code;
    EXPECT_TRUE(bench.gone(caller));
    EXPECT_TRUE(bench.clean());
  }
}

TEST(Dial, WhoDoesNotEvenRingIsTriedByAnotherWayAndWhoRangOutIsNot) {
  for (const bool rings : {false, true}) {
    Bench bench;
    const LegId caller = bench.run(bench.caller(), {Step{dial({with_others("300", {"301"})})}});
    if (rings) bench.board().on_ringing(bench.dialled("300"), false);
    bench.advance(31s);
    EXPECT_EQ(bench.dialled("301").valid(), !rings);
    EXPECT_EQ(bench.gone(caller), rings);
    if (!rings) bench.busy(bench.dialled("301"));
    EXPECT_TRUE(bench.clean());
  }
}

TEST(Dial, AnotherWayIsTriedBesideTheOtherCallees) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({with_others("300", {"301"}), to("400")})}});
  bench.board().on_ended(bench.dialled("300"), {EndCause::Unroutable, call::EndedBy::FarEnd, 404, {}});
  bench.busy(bench.dialled("400"));
  ASSERT_TRUE(bench.dialled("301").valid());
  EXPECT_FALSE(bench.gone(caller));
  bench.busy(bench.dialled("301"));
  EXPECT_EQ(bench.observer.last<Dialled>(caller)->status, DialStatus::Busy);
  EXPECT_TRUE(bench.clean());
}

}  // namespace
}  // namespace sotto::flow
