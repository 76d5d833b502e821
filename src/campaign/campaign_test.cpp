#include "campaign/campaign.h"

#include <gtest/gtest.h>

#include "campaign/testing/campaigns.h"
#include "campaign/whisper_text.h"

namespace sotto::campaign {
namespace {

using namespace testing;
using SayAs = call::SpeechRun::SayAs;

TEST(Campaign, AGoodOneIsValid) {
  const auto valid = validate(summer_offer());
  EXPECT_TRUE(valid) << valid.error().detail;
}

TEST(Campaign, EachErrorNamesItsFieldAndTheFix) {
  struct Row {
    std::function<void(Campaign&)> spoil;
    std::string_view begins;
    std::string_view fix;
  };
  const Row kRows[] = {
      {[](Campaign& c) { c.name = "summer offer"; }, "name:", "letters, digits, - and _"},
      {[](Campaign& c) { c.name.clear(); }, "name:", "letters"},
      {[](Campaign& c) { c.numbers.clear(); }, "numbers:", "give the number"},
      {[](Campaign& c) { c.numbers = {"+12025550101"}; }, "numbers:", "such as 12025550101"},
      {[](Campaign& c) { c.numbers.push_back(c.numbers[0]); }, "numbers:", "remove one"},
      {[](Campaign& c) { c.agents.clear(); }, "agents:", "name a phone"},
      {[](Campaign& c) { c.agents.assign(11, phone("300")); }, "agents:", "10 can be rung"},
      {[](Campaign& c) {
         c.agents = {{base::Address::Kind::Anonymous, "x", {}}};
       },
       "agents:", "a SIP URI"},
      {[](Campaign& c) { c.topic.clear(); }, "topic:", "the whisper says {topic}"},
      {[](Campaign& c) { c.whisper.clear(); }, "whisper:", "write what the agent is to hear"},
      {[](Campaign& c) { c.whisper = "about {topics}"; }, "whisper: unknown placeholder {topics}",
       "known are {topic}, {caller}, {campaign}, {wait}, {key}"},
      {[](Campaign& c) { c.whisper = "about {topic"; }, "whisper:", "write {{ for a brace"},
      {[](Campaign& c) { c.accept_key.clear(); }, "whisper:", "drop one of them"},
      {[](Campaign& c) { c.accept_key = "A"; }, "accept_key:", "0-9, * or #"},
      {[](Campaign& c) { c.whisper_times = 0; }, "whisper_times:", "1 to 5"},
      {[](Campaign& c) { c.ring_timeout = std::chrono::seconds(0); }, "ring_timeout:", "1 to 600"},
      {[](Campaign& c) { c.accept_timeout = std::chrono::seconds(121); }, "accept_timeout:", "1 to 120"},
      {[](Campaign& c) { c.language.clear(); }, "language:", "en-US"},
      {[](Campaign& c) { c.closed_message = "closed"; }, "closed_message:", "give hours"},
      {[](Campaign& c) { c.hours.emplace(); }, "hours.time_zone:", "Europe/Berlin"},
  };
  for (const Row& row : kRows) {
    Campaign campaign = summer_offer();
    row.spoil(campaign);
    const auto valid = validate(campaign);
    ASSERT_FALSE(valid) << row.begins;
    EXPECT_TRUE(valid.error().detail.starts_with(row.begins)) << valid.error().detail;
    EXPECT_NE(valid.error().detail.find(row.fix), std::string::npos) << valid.error().detail;
  }
}

TEST(WhisperText, NumbersAreSpeltAndWordsStayOneRun) {
  const auto parts =
      parse_template("whisper", "{{Call}} on {topic}, {caller} has waited {wait} seconds. {key}");
  ASSERT_TRUE(parts) << parts.error().detail;
  WhisperFacts facts;
  facts.topic = "the summer offer";
  facts.caller = "12025550199";
  facts.key = "1";
  facts.waited = std::chrono::seconds(42);
  const auto runs = fill(*parts, facts);
  ASSERT_EQ(runs.size(), 6u);
  EXPECT_EQ(runs[0].text, "{Call}} on the summer offer, ");
  EXPECT_EQ(runs[1].text, "12025550199");
  EXPECT_EQ(runs[1].say_as, SayAs::Telephone);
  EXPECT_EQ(runs[2].text, " has waited ");
  EXPECT_EQ(runs[3].text, "42");
  EXPECT_EQ(runs[3].say_as, SayAs::Number);
  EXPECT_EQ(runs[5].say_as, SayAs::Characters);
}

TEST(WhisperText, AWithheldNumberIsSaidInWords) {
  WhisperFacts facts;
  facts.caller_absent = "a withheld number";
  const auto runs = fill(*parse_template("whisper", "from {caller}."), facts);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].text, "from a withheld number.");
}

}  // namespace
}  // namespace sotto::campaign
