#include "campaign/campaign_json.h"

#include <gtest/gtest.h>

namespace sotto::campaign {
namespace {

TEST(CampaignJson, ARecordComesBackAsItWas) {
  CallRecord record;
  record.call = call::CallId{1, 2};
  record.campaign = "summer";
  record.number = "12025550101";
  record.caller = "12025550147";
  record.first_time = true;
  record.started = base::WallTime(std::chrono::seconds(1'767'225'600));
  record.length = std::chrono::milliseconds(9000);
  record.time_to_answer = std::chrono::milliseconds(2000);
  record.talk = std::chrono::milliseconds(4000);
  record.outcome = CallOutcome::LostInWhisper;
  record.hung_up_by = HungUpBy::Agent;
  record.agent = "alice";
  EXPECT_EQ(record_from_json(to_json(record)), record);
}

TEST(CampaignJson, WhatIsAsByDefaultIsLeftOut) {
  Campaign campaign;
  campaign.name = "summer";
  campaign.numbers = {"12025550101"};
  campaign.agents = {{base::Address::Kind::Number, "12025550199", {}}};
  EXPECT_EQ(text::to_text(to_json(campaign)),
            R"({"name":"summer","numbers":["12025550101"],)"
            R"("whisper":"Incoming call regarding {topic}. Press {key} to accept.",)"
            R"("agents":["+12025550199"],"accept_key":"1"})");
}

}  // namespace
}  // namespace sotto::campaign
