#include "campaign/desk.h"

#include <gtest/gtest.h>

#include "campaign/testing/bench.h"

// Whole campaign calls on the engine and the fake ports.
namespace sotto::campaign {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using call::EndCause;

constexpr const char* kWhisper = "Incoming call regarding the summer offer. Press ";

TEST(CampaignCall, TheAgentAloneHearsTheWhisperAndTheKeyBridges) {
  CampaignBench bench;
  const LegId caller = bench.call(summer_offer());
  EXPECT_TRUE(bench.hears(caller, "Please wait."));
  bench.finish("Please wait.");
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  const LegId agent = bench.answered("300");
  EXPECT_TRUE(bench.hears(agent, kWhisper));
  EXPECT_FALSE(bench.hears(caller, kWhisper));
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  EXPECT_FALSE(bench.talking(caller, agent));
  bench.press(agent, "2");
  EXPECT_FALSE(bench.talking(caller, agent));
  EXPECT_TRUE(bench.hears(agent, kWhisper));
  const LegId other = bench.dialled("301");
  bench.press(agent, "1");
  EXPECT_TRUE(bench.talking(caller, agent));
  EXPECT_FALSE(bench.hears(caller, "ringing"));
  EXPECT_EQ(bench.end_of(other)->cause, EndCause::AnsweredElsewhere);
  bench.far_end_hangs_up(agent);
  EXPECT_EQ(bench.end_of(caller)->cause, EndCause::HungUp);
  EXPECT_TRUE(bench.clean());
  EXPECT_EQ(bench.desk.calls(), 0u);
}

TEST(CampaignCall, WithoutGreetingAndMusicTheCallerIsAnsweredAtTheBridge) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.greeting.clear();
  const LegId caller = bench.call(campaign);
  EXPECT_FALSE(bench.up(caller));
  const LegId agent = bench.answered("301");
  EXPECT_FALSE(bench.up(caller));
  bench.press(agent, "1");
  EXPECT_TRUE(bench.up(caller));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, SilenceAndVoicemailNeverWin) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.missed_message = "Nobody is free.";
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  const LegId voicemail = bench.answered("300");
  bench.finish(kWhisper);
  bench.advance(2s);
  EXPECT_TRUE(bench.hears(voicemail, kWhisper)) << "it is said twice";
  bench.finish(kWhisper);
  bench.advance(10s);
  EXPECT_EQ(bench.end_of(voicemail)->cause, EndCause::NotAccepted);
  EXPECT_FALSE(bench.gone(caller));
  bench.advance(30s);  // the other rings out
  EXPECT_TRUE(bench.hears(caller, "Nobody is free."));
  bench.finish("Nobody is free.");
  EXPECT_TRUE(bench.gone(caller));
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, TheMissedMessageIsNotHeardAfterATalk) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.missed_message = "Nobody is free.";
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  const LegId agent = bench.answered("300");
  bench.press(agent, "1");
  bench.far_end_hangs_up(agent);
  bench.advance(1s);
  EXPECT_TRUE(bench.gone(caller));
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, TheAgentIsToldInOneSentenceThatTheCallerHasLeft) {
  CampaignBench bench;
  const LegId caller = bench.call(summer_offer());
  bench.finish("Please wait.");
  const LegId agent = bench.answered("300");
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.hears(agent, "The caller has hung up."));
  EXPECT_FALSE(bench.hears(agent, kWhisper));
  bench.press(agent, "1");
  bench.finish("The caller has hung up.");
  EXPECT_TRUE(bench.gone(agent));
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, TheTimeWaitedIsThatAtTheAgentsAnswer) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.whisper = "{wait} seconds";
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  bench.advance(17s);
  const LegId agent = bench.answered("300");
  bench.advance(0s);
  EXPECT_TRUE(bench.hears(agent, "17"));
  bench.press(agent, "1");
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, AnyAnswerAcceptsOnceTheWhisperIsOver) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.accept_key.clear();
  campaign.whisper = "About {topic}";
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  const LegId agent = bench.answered("300");
  EXPECT_FALSE(bench.talking(caller, agent));
  bench.finish("About the summer offer");
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, InTurnTheSecondRingsWhenTheFirstDeclines) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.order = AgentOrder::InTurn;
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  EXPECT_FALSE(bench.dialled("301").valid());
  bench.busy(bench.dialled("300"));
  EXPECT_TRUE(bench.dialled("301").valid());
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, HoldMusicAndRecording) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.hold_music = "https://example.com/waltz.mp3";
  campaign.recording = Recording::On;
  const LegId caller = bench.call(campaign);
  bench.finish("Please wait.");
  EXPECT_TRUE(bench.hears(caller, "https://example.com/waltz.mp3"));
  EXPECT_TRUE(bench.world.media.recording.empty());
  const LegId agent = bench.answered("300");
  bench.press(agent, "1");
  EXPECT_EQ(bench.world.media.recording.size(), 1u);
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, AfterHoursItSaysSoAndRingsNobody) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.hours.emplace();
  campaign.hours->time_zone = "UTC";
  campaign.hours->holidays = {std::chrono::year(2026) / 1 / 1};  // the fake clock's first day
  campaign.closed_message = "We are closed.";
  const LegId caller = bench.call(campaign);
  EXPECT_TRUE(bench.hears(caller, "We are closed."));
  EXPECT_FALSE(bench.dialled("300").valid());
  bench.finish("We are closed.");
  EXPECT_TRUE(bench.gone(caller));
  EXPECT_TRUE(bench.clean());
  campaign.closed_message.clear();
  const LegId refused = bench.call(campaign);
  EXPECT_EQ(bench.end_of(refused)->cause, EndCause::Declined);
  EXPECT_TRUE(bench.clean());
}

TEST(CampaignCall, TheAgentsPhoneShowsTheCallerOrTheNumber) {
  CampaignBench bench;
  Campaign campaign = summer_offer();
  campaign.greeting.clear();
  const LegId first = bench.call(campaign);
  EXPECT_EQ(bench.world.signalling.dialled.back().from.text, "12025550199");
  bench.far_end_hangs_up(first);
  campaign.caller_id = CallerId::Number;
  const LegId second = bench.call(campaign);
  EXPECT_EQ(bench.world.signalling.dialled.back().from.text, "12025550101");
  bench.far_end_hangs_up(second);
  EXPECT_TRUE(bench.clean());
}

}  // namespace
}  // namespace sotto::campaign
