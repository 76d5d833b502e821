#include "hearing/room_text.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "base/check.h"

namespace sotto::hearing {
namespace {

LegSet legs_of(std::string_view names) {
  LegSet legs;
  for (const char name : names) legs.push_back(leg(name));
  std::sort(legs.begin(), legs.end());
  return legs;
}

void set_fact(Member& member, std::string_view fact) {
  if (fact == "muted")
    member.muted = true;
  else if (fact == "earmuffed")
    member.earmuffed = true;
  else if (fact == "held")
    member.held = true;
  else if (fact == "waiting")
    member.waiting = true;
  else if (fact == "source_only")
    member.source_only = true;
  else if (fact.starts_with("speak="))
    member.can_speak = legs_of(fact.substr(6));
  else if (fact.starts_with("hear="))
    member.can_hear = legs_of(fact.substr(5));
  else
    ADD_FAILURE() << "no such fact: " << fact;
}

Supervision supervision_of(std::string_view word) {
  Supervision supervision{.supervisor = leg(word[0]), .target = leg(word[2])};
  std::string_view mode = word.substr(4);
  if (mode.ends_with('!')) {
    supervision.held_target = HeldTarget::Deaf;
    mode.remove_suffix(1);
  }
  if (mode == "listen")
    supervision.mode = SupervisionMode::Listen;
  else if (mode == "whisper")
    supervision.mode = SupervisionMode::Whisper;
  else if (mode == "private")
    supervision.mode = SupervisionMode::Private;
  else if (mode == "barge")
    supervision.mode = SupervisionMode::Barge;
  else
    ADD_FAILURE() << "no such mode: " << mode;
  return supervision;
}

Prompt prompt_of(std::string_view word) {
  Prompt made{.id = prompt(word[0])};
  if (word.size() > 2 && word[1] == '@') made.only = leg(word[2]);
  const size_t star = word.find('*');
  if (star != std::string_view::npos) made.gain = std::stof(std::string(word.substr(star + 1)));
  return made;
}

TapView view_of(std::string_view text) {
  if (text[0] == '<') return HeardBy{leg(text[1])};
  if (text == "*") return OpenRoom{};
  if (text[0] == '*') return OpenRoom{.but = leg(text[2])};
  return SaidBy{leg(text[0])};
}

void add_tap(Facts& facts, std::string_view word) {
  if (facts.taps.empty() || facts.taps.back().id != tap(word[0])) {
    facts.taps.push_back({.id = tap(word[0]), .channels = {}});
  }
  facts.taps.back().channels.push_back(view_of(word.substr(2)));
}

void add_word(Facts& facts, std::string_view word) {
  if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) return add_tap(facts, word);
  if (std::islower(static_cast<unsigned char>(word[0])) != 0) return facts.prompts.push_back(prompt_of(word));
  if (word.size() > 1 && word[1] == '>') return facts.supervisions.push_back(supervision_of(word));
  if (word.size() > 1 && word[1] == '.') {
    const auto member = std::find_if(facts.members.begin(), facts.members.end(),
                                     [&](const Member& m) { return m.leg == leg(word[0]); });
    ASSERT_NE(member, facts.members.end()) << word;
    return set_fact(*member, word.substr(2));
  }
  for (const char name : word) {
    Member member;
    member.leg = leg(name);
    facts.members.push_back(member);
  }
}

std::string name_of(const Source& source) {
  const uint64_t low = std::visit([](const auto& id) { return id.low; }, source);
  return std::string(1, static_cast<char>(low));
}

}  // namespace

Facts facts_of(std::string_view text) {
  Facts facts;
  facts.room = {.high = 9, .low = 9};
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) add_word(facts, word);
  return facts;
}

std::string heard(const Plan& plan) {
  std::vector<std::pair<std::string, Listener>> listeners;
  for (const PlanMember& member : plan.members) listeners.emplace_back(name_of(member.leg), member.leg);
  for (const TapRow& row : plan.taps) {
    listeners.emplace_back(std::string(1, static_cast<char>(row.channel.tap.low)), row.channel);
  }
  std::vector<Source> sources;
  for (const PlanMember& member : plan.members) sources.emplace_back(member.leg);
  for (const PlanPrompt& row : plan.prompts) sources.emplace_back(row.prompt);
  std::ostringstream out;
  for (const auto& [name, listener] : listeners) {
    out << (out.tellp() > 0 ? " " : "") << name << '<';
    for (const Source& source : sources) {
      const float cell = gain(plan, listener, source);
      if (cell > 0) out << name_of(source);
      if (cell > 0 && cell != 1) out << '*' << cell;
    }
  }
  return out.str();
}

TEST(RoomText, SaysWhatThePlanSays) {
  Plan plan;
  plan.members = {{.leg = leg('A')}, {.leg = leg('B'), .open_source = false}};
  plan.prompts = {{.prompt = prompt('p'), .gain = 0.5F}};
  EXPECT_EQ(heard(plan), "A<p*0.5 B<Ap*0.5");
  const Facts facts = facts_of("AB A.speak=B B>A.private! p@A*2 1:A 1:*-B");
  EXPECT_EQ(facts.members[0].can_speak, LegSet{leg('B')});
  EXPECT_EQ(facts.supervisions[0].held_target, HeldTarget::Deaf);
  EXPECT_EQ(facts.prompts[0].gain, 2.0F);
  EXPECT_EQ(std::get<OpenRoom>(facts.taps[0].channels[1]).but, leg('B'));
}

}  // namespace sotto::hearing
