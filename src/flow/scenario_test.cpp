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
    if (verb == "talk" || verb == "gather" || verb == "join") return run(words);
    if (verb == "supervise") return supervise(words);
    if (verb == "offer") return named_[who] = bench_.caller(), true;
    if (verb == "at_once") return at_once(words);
    if (verb == "finish") return bench_.finish(who);
    if (verb == "fail") return bench_.finish(who, call::PromptEnd::Failed);
    if (verb == "wait") return bench_.advance(seconds(std::stoi(who))), true;
    return phone(verb, words) || world(verb, who);
  }

  // What somebody's phone does.
  bool phone(const std::string& verb, const Words& words) {
    const std::string who = words.size() > 1 ? words[1] : "";
    if (verb == "ring") return bench_.board().on_ringing(leg(who), false), true;
    if (verb == "answer") return bench_.board().on_answered(leg(who)), true;
    if (verb == "hang_up") return bench_.far_end_hangs_up(leg(who)), true;
    if (verb == "decline") return end(who, call::EndCause::Declined, 603), true;
    if (verb == "busy") return end(who, call::EndCause::Busy, 486), true;
    if (verb == "expire") return end(who, call::EndCause::FarFailure, 408), true;
    if (verb == "press") return bench_.press(leg(who), words.at(2)), true;
    if (verb == "hold") return bench_.board().on_far_hold(leg(who), true), true;
    if (verb == "resume") return bench_.board().on_far_hold(leg(who), false), true;
    if (verb == "refer") return bench_.board().on_refer_asked(leg(who), number(words.at(2)), {}), true;
    return false;
  }

  // What the machine does, or who runs it.
  bool world(const std::string& verb, const std::string& word) {
    if (verb == "lose") return bench_.board().on_media_lost(leg(word)), true;
    if (verb == "stall") return bench_.world.media_stalls = true;
    if (verb == "recover") return bench_.world.media_stalls = false, bench_.world.pump(), true;
    if (verb == "transfer")
      return bench_.engine.replace(leg(word), program({Step{talk("transferred")}})).has_value();
    if (verb == "drain")
      return bench_.board().drain(bench_.world.clock.now() + seconds(std::stoi(word))), true;
    if (verb != "jump") return false;
    // The process slept: all that has become due is told in one go.
    bench_.world.clock.advance(seconds(std::stoi(word)));
    bench_.world.timers.advance(bench_.world.clock.now());
    bench_.world.pump();
    return true;
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

  static PlayStep play_of(const std::string& word) {
    const std::string url = value_of(word, "file");
    PlayStep step = talk(word);
    if (!url.empty()) step.prompt = file(url);
    return step;
  }

  // A caller with a program of one kind of step: "talk NAME WORD...", "gather NAME WORD... max=4",
  // "join NAME ROOM". README.md names all words.
  bool run(const Words& words) {
    const Words rest(words.begin() + 2, words.end());
    std::vector<Step> steps;
    if (words[0] == "talk") {
      for (const std::string& word : rest) steps.push_back(Step{play_of(word)});
    } else if (words[0] == "gather") {
      steps = {Step{gather_of(rest)}, Step{talk("thanks")}};
    } else {
      steps = {Step{join_of(rest)}, Step{talk("left")}};
    }
    named_[words.at(1)] = bench_.run(bench_.caller(), std::move(steps));
    return true;
  }

  static GatherStep gather_of(const Words& words) {
    GatherStep step;
    for (const std::string& word : words) {
      if (const auto max = value_of(word, "max"); !max.empty()) {
        step.digits_max = static_cast<size_t>(std::stoi(max));
      } else if (const auto keys = value_of(word, "finish"); !keys.empty()) {
        step.finish_keys = keys;
      } else if (const auto first = value_of(word, "first"); !first.empty()) {
        step.first_digit_timeout = seconds(std::stoi(first));
      } else if (const auto next = value_of(word, "next"); !next.empty()) {
        step.next_digit_timeout = seconds(std::stoi(next));
      } else if (word == "deaf") {
        step.barge_in = false;
      } else {
        step.prompts.emplace_back(play_of(word));
      }
    }
    return step;
  }

  static JoinRoomStep join_of(const Words& words) {
    JoinRoomStep step = join(words.at(0));
    for (const std::string& word : words) {
      if (const auto music = value_of(word, "wait"); !music.empty()) step.wait = play_of(music).prompt;
      if (const auto alone = value_of(word, "alone"); !alone.empty())
        step.wait_max = seconds(std::stoi(alone));
      if (word == "waits") step.start_on_enter = false;
      if (word == "end_on_exit") step.end_on_exit = true;
      if (word == "goes_on") step.when_ended = JoinRoomStep::WhenEnded::GoOn;
    }
    return step;
  }

  // "supervise NUMBER WHO MODE [follow|stay]": rings NUMBER, who then supervises WHO.
  bool supervise(const Words& words) {
    constexpr std::string_view kModes[] = {"listen", "whisper", "private", "barge"};
    const auto mode = std::find(std::begin(kModes), std::end(kModes), words.at(3));
    if (mode == std::end(kModes)) return false;
    SuperviseStep step;
    step.target = leg(words.at(2));
    step.mode = static_cast<hearing::SupervisionMode>(mode - std::begin(kModes));
    const std::string on_left = words.size() > 4 ? words[4] : "";
    if (on_left == "follow") step.on_target_left = hearing::OnTargetLeft::Follow;
    if (on_left == "stay") step.on_target_left = hearing::OnTargetLeft::StayUnheard;
    bench_.run(bench_.world.outbound(words.at(1)), {Step{step, Needs::Nothing}});
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
    if (words[0] == "notice") {
      const auto notices = bench_.world.log.of<call::Notice>();
      return std::any_of(notices.begin(), notices.end(), [&](const call::Event& event) {
        return event.leg == who && std::get<call::Notice>(event.what).code == what;
      });
    }
    if (words[0] == "digits") {
      const Gathered* gathered = bench_.observer.last<Gathered>(who);
      return gathered != nullptr && gathered->digits == what &&
             gathered->timed_out == (words.size() > 3 && words[3] == "timed_out");
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
