#include <cstdlib>

#include <gtest/gtest.h>

#include "media/media_world.h"

// Legs that move between rooms of several threads all the time, under plans that change all the time. Each
// source says a constant of its own, a power of two, through rings, so that what a leg hears names its
// sources exactly.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;
using hearing::SupervisionMode;

constexpr size_t kLegs = 7;  // whose sound is looked at
constexpr size_t kPhones = 3;
constexpr size_t kRooms = 5;
constexpr uint32_t kRateHz = 8000;
constexpr auto kSettling = 60ms;  // two hand-overs and a turn of the room

class RandomMoves : public testing::TestWithParam<size_t> {
 protected:
  struct Place {
    hearing::Facts facts;
    hearing::Plan plan;
  };
  struct Party {
    LegId leg;
    size_t place = 0;
    RingEnds ends;    // of those whose sound is looked at
    int allowed = 0;  // sources that it may have heard since it was looked at last
    size_t moves = 0;
  };

  void SetUp() override {
    for (size_t i = 0; i < kLegs + kPhones; ++i) add_party(i);
    places.resize(kRooms);
    places[0].facts = world.facts;
    for (size_t i = 1; i < kRooms; ++i) places[i].facts.room = RoomId::make(world.random);
    for (size_t i = 0; i < kRooms; ++i) add_prompt(i);
    for (Place& place : places) apply(place);
    world.on_say = [this] { say(); };
  }
  void add_party(size_t number) {
    Party party;
    if (number < kLegs) {
      party.leg = world.add_leg(LegSettings{});
      auto ends = world.controller.attach_rings(party.leg, kRateHz);
      EXPECT_TRUE(ends);
      party.ends = std::move(*ends);
    } else {
      party.leg = world.add_phone();
      world.member(party.leg).muted = true;
    }
    parties.push_back(std::move(party));
  }
  void add_prompt(size_t place) {
    auto pcm = std::make_shared<Pcm>();
    pcm->samples.assign(800, static_cast<int16_t>(value_of(kLegs + place)));
    const PromptId id = PromptId::make(world.random);
    const RoomId room = places[place].facts.room;
    world.controller.start_prompt(id, room, {.clips = {PcmClip{pcm}}, .loops = 0});
    places[place].facts.prompts.push_back({.id = id, .only = std::nullopt});
  }

  static int value_of(size_t source) { return 1 << source; }
  int meant_for(const Party& party) const {
    const hearing::Plan& plan = places[party.place].plan;
    int sum = 0;
    for (size_t i = 0; i < kLegs; ++i) {
      sum += gain(plan, party.leg, parties[i].leg) > 0 ? value_of(i) : 0;
    }
    for (size_t i = 0; i < kRooms; ++i) {
      for (const hearing::Prompt& prompt : places[i].facts.prompts) {
        sum += i == party.place && gain(plan, party.leg, prompt.id) > 0 ? value_of(kLegs + i) : 0;
      }
    }
    return sum;
  }
  void say() {
    for (size_t i = 0; i < kLegs; ++i) {
      parties[i].ends.said->write(std::vector<int16_t>(160, static_cast<int16_t>(value_of(i))));
    }
  }

  bool chance(uint64_t one_in) { return world.random.below(one_in) == 0; }
  void apply(Place& place) {
    hearing::Plan next = hearing::derive(place.facts);
    next.revision = place.plan.revision + 1;
    place.plan.room = place.facts.room;
    world.controller.apply(hearing::diff(place.plan, next));
    place.plan = std::move(next);
    ++plans;
  }
  void move(Party& party) {
    Place& from = places[party.place];
    const size_t target = world.random.below(kRooms);
    if (target == party.place) return;
    const auto at = std::find_if(from.facts.members.begin(), from.facts.members.end(),
                                 [&](const hearing::Member& member) { return member.leg == party.leg; });
    const hearing::Member member = *at;
    from.facts.members.erase(at);
    from.facts.supervisions.clear();
    const bool plan_first = chance(2);
    if (plan_first) apply(from);
    world.controller.move_leg(party.leg, places[target].facts.room);
    ++party.moves;
    if (!plan_first) apply(from);
    party.place = target;
    places[target].facts.members.push_back(member);
    apply(places[target]);
  }
  void draw_facts(Place& place) {
    for (hearing::Member& member : place.facts.members) {
      const bool phone = world.phones.contains(member.leg);
      member.muted = phone || chance(4);
      member.earmuffed = chance(6);
      member.held = chance(6);
    }
    place.facts.supervisions.clear();
    const auto& members = place.facts.members;
    if (members.size() > 1 && chance(2)) {
      place.facts.supervisions.push_back({.supervisor = members[0].leg,
                                          .target = members[1].leg,
                                          .mode = static_cast<SupervisionMode>(world.random.below(4))});
    }
    apply(place);
  }
  void note_allowed() {
    for (size_t i = 0; i < kLegs; ++i) parties[i].allowed |= meant_for(parties[i]);
  }
  // Everything heard since the last look is of what was allowed; `exactly`: and the newest is all that is
  // meant.
  void look(bool exactly) {
    for (size_t i = 0; i < kLegs; ++i) {
      Party& party = parties[i];
      int newest = -1;
      for (auto block = party.ends.heard->front(); !block.samples.empty();
           block = party.ends.heard->front()) {
        for (const int16_t sample : block.samples) forbidden += (sample & ~party.allowed) != 0;
        newest = block.samples.back();
        party.ends.heard->release();
        ++blocks;
      }
      if (exactly && newest >= 0) missed += newest != meant_for(party);
      if (exactly) party.allowed = meant_for(party);
    }
  }

  MediaWorld world{
      static_cast<uint64_t>(std::getenv("SEED") != nullptr ? std::atoll(std::getenv("SEED")) : 1), kRateHz,
      GetParam()};
  std::vector<Place> places;
  std::vector<Party> parties;
  uint64_t plans = 0;
  size_t blocks = 0;
  size_t forbidden = 0;
  size_t missed = 0;
};

TEST_P(RandomMoves, GiveNobodyAForbiddenSampleAndLoseNothing) {
  world.run(200ms);
  note_allowed();
  look(true);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  int rounds = 0;
  for (; rounds < 1000 && std::chrono::steady_clock::now() < deadline && forbidden + missed == 0; ++rounds) {
    for (uint64_t changes = 1 + world.random.below(6); changes > 0; --changes) {
      if (chance(3)) {
        draw_facts(places[world.random.below(kRooms)]);
      } else {
        move(parties[world.random.below(parties.size())]);
      }
      note_allowed();
      // Often while the one before is still on its way.
      for (uint64_t steps = world.random.below(12); steps > 0; --steps) world.step();
      look(false);
    }
    world.run(kSettling);
    look(false);
    world.run(20ms);
    look(true);
  }
  RecordProperty("rounds", rounds);
  EXPECT_EQ(forbidden, 0U) << "after " << rounds << " rounds";
  EXPECT_EQ(missed, 0U) << "after " << rounds << " rounds";
  EXPECT_GT(blocks, kLegs * static_cast<size_t>(rounds));
  EXPECT_EQ(world.breaks(), 0U);
  EXPECT_EQ(world.counters().audience_violations, 0U);
  EXPECT_EQ(world.counters().plan_faults, 0U);
  EXPECT_TRUE(world.all_answered());
  EXPECT_EQ(world.all<PlanApplied>().size(), plans);
  std::map<LegId, size_t> moved;
  for (const LegMoved& one : world.all<LegMoved>()) ++moved[one.leg];
  for (const Party& party : parties) {
    EXPECT_EQ(moved[party.leg], party.moves);
    EXPECT_EQ(world.places(party.leg), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, RandomMoves, testing::Values(1, 3));

}  // namespace
}  // namespace sotto::media
