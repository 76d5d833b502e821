#include "media/controller.h"

#include <set>

#include <gtest/gtest.h>

#include "hearing/derive.h"
#include "media/media_world.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

struct NoSink final : EventSink, Migrations {
  void on_media_event(const Event&) override {}
  void on_leg_migrates(LegId, Handle, size_t, size_t) override {}
};

struct ControllerTest : testing::Test {
  base::SeededRandom random{1};
  NoSink sink;
  std::unique_ptr<Channel> channel = std::make_unique<Channel>();
  const std::array<Channel*, 1> channels = {channel.get()};
  Controller controller{channels, sink, sink, random, 8000};
  hearing::Facts facts;
  hearing::Plan plan;

  ControllerTest() {
    facts.room = RoomId::make(random);
    plan.room = facts.room;
  }
  hearing::PlanDelta next() {
    hearing::Plan to = hearing::derive(facts);
    to.revision = plan.revision + 1;
    hearing::PlanDelta delta = hearing::diff(plan, to);
    plan = std::move(to);
    return delta;
  }
  void add_member() {
    hearing::Member member;
    member.leg = LegId::make(random);
    facts.members.push_back(member);
  }
  // A media thread that answers at once and does nothing.
  size_t drain() {
    Command command;
    size_t count = 0;
    for (; channel->commands.pop(command); ++count) channel->answer(Report{.answers = true});
    return count;
  }
};

TEST_F(ControllerTest, WhatTakesAudibilityAwayOvertakesWhatWaitsAndTakesItsRoomsChangesAlong) {
  const LegId leg = LegId::make(random);
  controller.open_leg(leg, facts.room, {});
  for (int i = 0; i < 9000; ++i) controller.ask_statistics(leg);  // more than the ring holds
  add_member();
  add_member();
  const hearing::PlanDelta adds = next();
  ASSERT_TRUE(adds.adds_audibility);
  controller.apply(adds);
  facts.members[0].muted = facts.members[1].muted = true;
  const hearing::PlanDelta removes = next();
  ASSERT_FALSE(removes.adds_audibility);
  controller.apply(removes);
  EXPECT_EQ(drain(), Channel::kCommands);
  controller.poll();
  Command first;
  ASSERT_TRUE(channel->commands.pop(first));
  const auto* applied = std::get_if<ApplyPlan>(&first);
  ASSERT_NE(applied, nullptr);
  ASSERT_EQ(applied->change->deltas.size(), 2U);
  EXPECT_EQ(applied->change->deltas[1].to, removes.to);
  channel->answer(Report{.answers = true});
  EXPECT_EQ(drain(), 9000 + 2 - Channel::kCommands);
}

TEST_F(ControllerTest, NothingIsSentThatCouldNotBeAnswered) {
  const LegId leg = LegId::make(random);
  controller.open_leg(leg, facts.room, {});
  size_t taken = 0;
  Command command;
  for (int i = 0; i < 20'000; ++i) {
    controller.ask_statistics(leg);
    while (channel->commands.pop(command)) ++taken;  // a media thread that does not answer
  }
  EXPECT_EQ(taken, Channel::kCredits);
  for (size_t i = 0; i < taken; ++i) channel->answer(Report{.answers = true});
  controller.poll();
  EXPECT_EQ(drain(), 20'000 + 2 - Channel::kCredits);
}

TEST(Capacity, OfAPlanIsThereBeforeThePlanIsApplied) {
  MediaWorld world;
  for (int i = 0; i < 20; ++i) world.facts.members.push_back({.leg = LegId::make(world.random)});
  world.apply();
  for (int i = 0; i < 10; ++i) world.add_phone();  // before the room's next turn
  world.run(100ms);
  EXPECT_EQ(world.counters().plan_faults, 0U);
  EXPECT_EQ(world.all<PlanApplied>().size(), 1U);
}

TEST(SlotMap, AgreesWithASetThroughRandomChanges) {
  base::SeededRandom random(3);
  SlotMap<LegId> map(64);
  std::vector<LegId> ids;
  for (uint64_t i = 0; i < 100; ++i) ids.push_back({.high = 1, .low = i});
  std::set<size_t> there;
  for (int i = 0; i < 20'000; ++i) {
    const size_t pick = random.below(ids.size());
    if (there.contains(pick)) {
      map.erase(ids[pick]);
      there.erase(pick);
    } else if (there.size() < 64) {
      map.insert(ids[pick], static_cast<uint32_t>(pick));
      there.insert(pick);
    }
    const size_t look = random.below(ids.size());
    ASSERT_EQ(map.find(ids[look]), there.contains(look) ? look : SlotMap<LegId>::kNone);
  }
}

TEST(LossyNetwork, TenPercentLossAndAHundredMillisecondsOfJitterLeaveTheToneThere) {
  MediaWorld world;
  const LegId listener = world.add_phone();
  const LegId speaker = world.add_leg(LegSettings{});
  RtpPhone phone(1000);
  std::multimap<base::TimePoint, std::vector<std::byte>> under_way;
  world.on_say = [&] {
    const auto packet = phone.say();
    const auto delay = std::chrono::milliseconds(world.random.below(100));
    if (world.random.below(10) > 0) {
      under_way.emplace(world.clock.now() + delay, std::vector(packet.begin(), packet.end()));
    }
  };
  world.apply();
  int windows = 0;
  int heard = 0;
  for (int ms = 0; ms < 20'000; ++ms) {
    world.run(1ms);
    while (!under_way.empty() && under_way.begin()->first <= world.clock.now()) {
      world.receive(speaker, under_way.begin()->second);
      under_way.erase(under_way.begin());
    }
    if (ms < 1000 || ms % 100 != 0) continue;
    ++windows;
    heard += world.phones.at(listener).hears(1000);
  }
  EXPECT_GE(heard * 100, windows * 95) << heard << " of " << windows;
  EXPECT_EQ(world.breaks(), 0U);
}

}  // namespace
}  // namespace sotto::media
