#include "dialect/vonage/lint.h"

#include <gtest/gtest.h>

namespace sotto::vonage {
namespace {

std::vector<std::string> remarks(const std::string& ncco) {
  std::vector<std::string> lines;
  for (const Remark& each : lint_ncco(*text::parse_json(ncco)))
    lines.push_back(each.place + ": " + each.text);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Lint, AGoodDocumentHasNoRemarks) {
  EXPECT_EQ(remarks(R"([{"action":"talk","text":"Hello"},
                        {"action":"conversation","name":"a","endOnExit":true}])"),
            Lines{});
}

TEST(Lint, TheTutorialsCallerMayWaitForEverAndBeLeftAlone) {
  EXPECT_EQ(
      remarks(
          R"([{"action":"conversation","name":"a","startOnEnter":"false"},{"action":"talk","text":"b"}])"),
      (Lines{"[0].startOnEnter: is a string, and taken as a boolean",
             "[0]: the caller may wait for ever: the conversation starts when somebody enters without "
             "startOnEnter false",
             "[0]: a party may be left alone in the room: nobody's leaving ends it without endOnExit",
             "[1]: is never reached: the conversation before it lasts until the leg is hung up or "
             "transferred"}));
}

TEST(Lint, WhatIsIgnoredOrHonouredNearlyIsSaid) {
  EXPECT_EQ(remarks(R"([{"action":"talk","text":"a","style":1,"premium":true,"colour":"red"}])"),
            (Lines{"[0].style: is honoured nearly: chooses between a woman's and a man's voice",
                   "[0].premium: is ignored: there is one quality",
                   "[0].colour: is ignored: there is no such option"}));
}

TEST(Lint, WhatPlaysForEverHidesWhatFollows) {
  EXPECT_EQ(remarks(R"([{"action":"stream","streamUrl":["http://h/a.mp3"],"loop":"0"},{"action":"wait"}])"),
            (Lines{"[0].loop: is a string, and taken as a number",
                   "[0]: plays until the call is hung up or transferred: loop is 0",
                   "[1]: is never reached: what plays before it has no end"}));
}

TEST(Lint, ARefusalNamesItsPlace) {
  EXPECT_EQ(remarks(R"([{"action":"hangup"}])"), Lines{"[0].action: \"hangup\" is not an action"});
  EXPECT_EQ(remarks("200"), Lines{"document: expected an array, found an integer"});
  EXPECT_EQ(remarks("[]"), Lines{"document: the call ends at once: there is no action"});
}

TEST(Lint, BargeInNeedsAnInput) {
  EXPECT_EQ(remarks(R"([{"action":"talk","text":"a","bargeIn":true}])"),
            Lines{"[0].bargeIn: stops nothing: no input follows"});
}

}  // namespace
}  // namespace sotto::vonage
