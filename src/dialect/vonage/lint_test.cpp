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
             "[0]: the caller waits in silence: there is no musicOnHoldUrl",
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

TEST(Lint, EveryActionsErrorIsTold) {
  EXPECT_EQ(
      remarks(R"([{"action":"talk"},{"action":"wait","timeout":"x"},{"action":"dance"}])"),
      (Lines{"[0].text: is required", "[1].timeout: expected a number, found a string",
             "[1].timeout: is a string, and taken as a number", "[2].action: \"dance\" is not an action"}));
}

TEST(Lint, WhatIsInsideAnOptionIsLookedAtToo) {
  EXPECT_EQ(remarks(R"([{"action":"input","type":["dtmf"],"dtmf":{"timeOut":"99","digits":1},
                         "speech":{"language":"en-US","volume":1}},
                        {"action":"connect","from":"12025550101","endpoint":[
                         {"type":"phone","number":"12025550177","colour":"red","onAnswer":{"url":"http://h","loop":1}}]}])"),
            (Lines{"[0].dtmf.timeOut: is a string, and taken as a number",
                   "[0].dtmf.timeOut: is too high, and brought into its range",
                   "[0].dtmf.digits: is ignored: there is no such option",
                   "[0].speech: is honoured nearly: by the recogniser that is configured, on this leg",
                   "[0].speech.volume: is ignored: there is no such option",
                   "[1].endpoint[0].colour: is ignored: there is no such option",
                   "[1].endpoint[0].onAnswer.loop: is ignored: there is no such option"}));
}

TEST(Lint, NothingThatFollowsMeansTheCallEnds) {
  EXPECT_EQ(remarks(R"([{"action":"record"}])"),
            Lines{"[0]: records nothing: the call ends, since no action follows"});
  EXPECT_EQ(remarks(R"([{"action":"input","type":["dtmf"],"mode":"asynchronous"}])"),
            Lines{"[0]: hears no key: the call ends, since no action follows"});
}

TEST(Lint, AConnectIsNotTheEndUnlessItIsTheLast) {
  EXPECT_EQ(
      remarks(
          R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}]},{"action":"talk","text":"a"}])"),
      (Lines{"[0]: the callee is shown no number: there is no from",
             "[0]: what follows runs when nobody answers, and when the callee hangs up"}));
}

TEST(Lint, WhoHearsNobodyIsTold) {
  EXPECT_EQ(remarks(R"([{"action":"conversation","name":"a","endOnExit":true,"canHear":[],"canSpeak":[]}])"),
            (Lines{"[0].canHear: this leg hears nobody: the list is empty",
                   "[0].canSpeak: nobody hears this leg: the list is empty"}));
}

TEST(Lint, BargeInNeedsAnInput) {
  EXPECT_EQ(remarks(R"([{"action":"talk","text":"a","bargeIn":true}])"),
            Lines{"[0].bargeIn: stops nothing: no input follows"});
}

}  // namespace
}  // namespace sotto::vonage
