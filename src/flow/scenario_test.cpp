#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "flow/testing/bench.h"

// Plays tests/scenarios/core/*.txt: whole calls as texts. tests/scenarios/core/README.md says what a line may
// be.
namespace sotto::flow {
namespace {

using namespace testing;

using Words = std::vector<std::string>;

Words split(const std::string& text) {
  std::istringstream in(text);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "key=value", or empty.
std::string value_of(const std::string& word, const std::string& key) {
  return word.starts_with(key + "=") ? word.substr(key.size() + 1) : std::string();
}

class Scenario {
 public:
  void play(const std::string& line) {
    const Words words = split(line);
    if (words.empty() || words[0].starts_with("#")) return;
    if (words[0] == "expect") {
      EXPECT_TRUE(holds({words.begin() + 1, words.end()}));
    } else {
      EXPECT_TRUE(act(words)) << "no such line";
    }
    EXPECT_TRUE(bench_.board().is_consistent());
    EXPECT_EQ(bench_.board().orphans(), 0u);
  }

  void end() { EXPECT_TRUE(bench_.clean()) << "something is left over"; }

 private:
  LegId leg(const std::string& who) { return named_.contains(who) ? named_[who] : bench_.dialled(who); }

  bool act(const Words& words) {
    const std::string& verb = words[0];
    const std::string who = words.size() > 1 ? words[1] : "";
    if (verb == "caller") return call(words);
    if (verb == "at_once") return at_once(words);
    if (verb == "ring") return bench_.board().on_ringing(leg(who), false), true;
    if (verb == "answer") return bench_.board().on_answered(leg(who)), true;
    if (verb == "hang_up") return bench_.far_end_hangs_up(leg(who)), true;
    if (verb == "decline") return end(who, call::EndCause::Declined, 603), true;
    if (verb == "busy") return end(who, call::EndCause::Busy, 486), true;
    if (verb == "press") return bench_.press(leg(who), words.at(2)), true;
    if (verb == "finish") return bench_.finish(who);
    if (verb == "fail") return bench_.finish(who, call::PromptEnd::Failed);
    if (verb == "wait") return bench_.advance(seconds(std::stoi(who))), true;
    return false;
  }

  // What comes before the core had a moment for any of it: "at_once A.hang_up B.press.1".
  bool at_once(const Words& words) {
    const call::Switchboard::Batch batch(bench_.board());
    for (size_t i = 1; i < words.size(); ++i) {
      std::string each = words[i];
      std::replace(each.begin(), each.end(), '.', ' ');
      if (!act(split(each))) return false;
    }
    return true;
  }

  void end(const std::string& who, call::EndCause cause, int code) {
    bench_.board().on_ended(leg(who), {cause, call::EndedBy::FarEnd, code, {}});
  }

  // "caller NAME dial=NUMBER...", and what README.md names besides.
  bool call(const Words& words) {
    DialStep step = dial({});
    Needs needs = Needs::Answering;
    std::optional<call::Speech> notice;
    Screening screening;
    for (size_t i = 2; i < words.size(); ++i) {
      const std::string& word = words[i];
      if (word == "late") {
        needs = Needs::Ringing;
      } else if (word == "in_turn") {
        step.order = Order::InTurn;
      } else if (const auto whisper = value_of(word, "whisper"); !whisper.empty()) {
        screening.program = program({Step{talk(whisper)}});
      } else if (const auto keys = value_of(word, "accept"); !keys.empty()) {
        screening.accept = Accept::Key;
        screening.accept_keys = keys;
      } else if (const auto said = value_of(word, "notice"); !said.empty()) {
        notice = std::get<call::Speech>(say(said).playlist[0]);
      } else if (const auto ring = value_of(word, "timeout"); !ring.empty()) {
        step.ring_timeout = seconds(std::stoi(ring));
      } else if (const auto number = value_of(word, "dial"); !number.empty()) {
        step.destinations.push_back(to(number));
      } else {
        return false;
      }
    }
    for (Destination& each : step.destinations) {
      each.screening = screening;
      each.caller_gone_notice = notice;
    }
    named_[words.at(1)] = bench_.run(bench_.caller(), {Step{step, needs}});
    return true;
  }

  bool holds(const Words& words) {
    if (words.at(0) == "not") return !holds({words.begin() + 1, words.end()});
    const LegId who = leg(words.at(1));
    const std::string what = words.size() > 2 ? words[2] : "";
    if (words[0] == "up") return bench_.up(who);
    if (words[0] == "dialled") return who.valid();
    if (words[0] == "talking") return bench_.talking(who, leg(what));
    if (words[0] == "hears") {
      const LegId speaker = leg(what);
      return speaker.valid() ? bench_.hears(who, speaker) : bench_.hears(who, what);
    }
    if (words[0] == "ended") {
      const auto reason = bench_.end_of(who);
      return bench_.gone(who) && reason && (what.empty() || call::to_string(reason->cause) == what);
    }
    if (words[0] == "outcome") {
      constexpr std::string_view kNames[] = {"completed", "busy",      "no-answer",
                                             "failed",    "cancelled", "child-taken"};
      const Dialled* dialled = bench_.observer.last<Dialled>(who);
      return dialled != nullptr && kNames[static_cast<size_t>(dialled->status)] == what;
    }
    ADD_FAILURE() << "no such expectation";
    return false;
  }

  Bench bench_;
  std::map<std::string, LegId> named_;
};

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SOTTO_SOURCE_DIR) + "/tests/scenarios/core")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, GoesAsWritten) {
  std::ifstream file(std::string(SOTTO_SOURCE_DIR) + "/tests/scenarios/core/" + GetParam() + ".txt");
  ASSERT_TRUE(file);
  Scenario scenario;
  int number = 0;
  for (std::string line; std::getline(file, line) && !HasFailure();) {
    SCOPED_TRACE(GetParam() + ".txt:" + std::to_string(++number) + ": " + line);
    scenario.play(line);
  }
  if (!HasFailure()) scenario.end();
}

INSTANTIATE_TEST_SUITE_P(Core, ScenarioTest, ::testing::ValuesIn(scenarios()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace sotto::flow
