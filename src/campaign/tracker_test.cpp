#include "campaign/tracker.h"

#include <gtest/gtest.h>

#include "campaign/testing/bench.h"

namespace sotto::campaign {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// A call on which both agents ring, five seconds after it came in.
class TrackedCall : public CampaignBench {
 public:
  explicit TrackedCall(Campaign campaign = summer_offer()) {
    caller = call(campaign);
    advance(5s);
    finish("Please wait.");
  }
  CallRecord record() {
    EXPECT_TRUE(clean());
    EXPECT_EQ(tracker.calls(), 0u);
    CHECK(records.records.size() == 1);
    return records.records[0];
  }
  void declines(LegId leg) {
    board().on_ended(leg, {call::EndCause::Declined, call::EndedBy::FarEnd, 603, {}});
  }
  LegId caller;
};

TEST(Tracker, AnAnsweredCallHasItsTimesAndItsAgent) {
  TrackedCall bench;
  bench.advance(7s);
  const LegId agent = bench.answered("301");
  bench.advance(3s);
  bench.press(agent, "1");
  bench.advance(60s);
  bench.far_end_hangs_up(bench.caller);
  const CallRecord record = bench.record();
  EXPECT_EQ(record.campaign, "summer");
  EXPECT_EQ(record.number, "12025550101");
  EXPECT_EQ(record.caller, "12025550199");
  EXPECT_TRUE(record.first_time);
  EXPECT_EQ(record.time_to_answer, 12s);
  EXPECT_EQ(record.time_to_accept, 15s);
  EXPECT_EQ(record.wait(), 15s);
  EXPECT_EQ(record.talk, 60s);
  EXPECT_EQ(record.length, 75s);
  EXPECT_EQ(record.outcome, CallOutcome::Answered);
  EXPECT_EQ(record.hung_up_by, HungUpBy::Caller);
  EXPECT_EQ(record.agent, "301");
}

TEST(Tracker, TheAgentHangsUp) {
  TrackedCall bench;
  const LegId agent = bench.answered("300");
  bench.press(agent, "1");
  bench.advance(1s);
  bench.far_end_hangs_up(agent);
  EXPECT_EQ(bench.record().hung_up_by, HungUpBy::Agent);
}

TEST(Tracker, ACallerWhoLeavesWhileItRingsHasAbandoned) {
  TrackedCall bench;
  bench.far_end_hangs_up(bench.caller);
  const CallRecord record = bench.record();
  EXPECT_EQ(record.outcome, CallOutcome::Abandoned);
  EXPECT_EQ(record.wait(), 5s);
  EXPECT_FALSE(record.time_to_answer);
  EXPECT_EQ(record.agent, "");
}

TEST(Tracker, ACallerWhoLeavesDuringTheGreetingHasAbandoned) {
  CampaignBench bench;
  const LegId caller = bench.call(summer_offer());
  bench.far_end_hangs_up(caller);
  ASSERT_EQ(bench.records.records.size(), 1u);
  EXPECT_EQ(bench.records.records[0].outcome, CallOutcome::Abandoned);
}

TEST(Tracker, ACallerWhoLeavesDuringTheWhisperIsLostInIt) {
  TrackedCall bench;
  bench.answered("300");
  bench.far_end_hangs_up(bench.caller);
  bench.finish("The caller has hung up.");
  const CallRecord record = bench.record();
  EXPECT_EQ(record.outcome, CallOutcome::LostInWhisper);
  EXPECT_EQ(record.time_to_answer, 5s);
  EXPECT_FALSE(record.time_to_accept);
}

TEST(Tracker, NobodyAnswers) {
  TrackedCall bench;
  bench.advance(31s);
  const CallRecord record = bench.record();
  EXPECT_EQ(record.outcome, CallOutcome::Missed);
  EXPECT_EQ(record.hung_up_by, HungUpBy::Server);
}

TEST(Tracker, AVoicemailBoxDeclinesNothing) {
  TrackedCall bench;
  bench.answered("300");
  bench.busy(bench.dialled("301"));
  bench.advance(30s);
  for (int i = 0; i < 2; ++i) {
    bench.finish("Incoming call regarding the summer offer. Press ");
    bench.advance(15s);
  }
  EXPECT_EQ(bench.record().outcome, CallOutcome::Missed);
}

TEST(Tracker, AnAgentWhoRefusesOrHangsUpInTheWhisperDeclines) {
  TrackedCall refused;
  refused.declines(refused.dialled("300"));
  refused.busy(refused.dialled("301"));
  EXPECT_EQ(refused.record().outcome, CallOutcome::Declined);

  TrackedCall hung_up;
  hung_up.busy(hung_up.dialled("301"));
  hung_up.far_end_hangs_up(hung_up.answered("300"));
  EXPECT_EQ(hung_up.record().outcome, CallOutcome::Declined);
}

TEST(Tracker, OneWhoLeavesDuringTheMissedMessageWasMissed) {
  Campaign campaign = summer_offer();
  campaign.missed_message = "Nobody is free.";
  TrackedCall bench(campaign);
  bench.advance(31s);
  EXPECT_TRUE(bench.hears(bench.caller, "Nobody is free."));
  bench.far_end_hangs_up(bench.caller);
  const CallRecord record = bench.record();
  EXPECT_EQ(record.outcome, CallOutcome::Missed);
  EXPECT_EQ(record.hung_up_by, HungUpBy::Caller);
}

TEST(Tracker, AfterHours) {
  Campaign campaign = summer_offer();
  campaign.hours.emplace();
  campaign.hours->time_zone = "UTC";
  campaign.hours->holidays = {std::chrono::year(2026) / 1 / 1};
  CampaignBench bench;
  bench.call(campaign);
  ASSERT_EQ(bench.records.records.size(), 1u);
  EXPECT_EQ(bench.records.records[0].outcome, CallOutcome::AfterHours);
}

TEST(Tracker, TheSecondCallOfACallerIsNotHisFirst) {
  CampaignBench bench;
  for (int i = 0; i < 2; ++i) bench.far_end_hangs_up(bench.call(summer_offer()));
  Campaign winter = summer_offer();
  winter.name = "winter";
  bench.far_end_hangs_up(bench.call(winter));
  ASSERT_EQ(bench.records.records.size(), 3u);
  EXPECT_TRUE(bench.records.records[0].first_time);
  EXPECT_FALSE(bench.records.records[1].first_time);
  EXPECT_TRUE(bench.records.records[2].first_time) << "each campaign counts for itself";
}

TEST(Tracker, OtherCallsAreNoneOfItsBusiness) {
  CampaignBench bench;
  const LegId other = bench.run(bench.caller(), {flow::Step{flow::testing::talk("hello")}});
  bench.far_end_hangs_up(other);
  EXPECT_TRUE(bench.records.records.empty());
}

}  // namespace
}  // namespace sotto::campaign
