#include <gtest/gtest.h>

#include "media/media_world.h"

// Legs and taps that go from a room of one thread to a room of another.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr size_t kThreads = 3;

struct Migration : testing::Test {
  MediaWorld world{1, 8000, kThreads};
  LegId a = world.add_phone();
  LegId b = world.add_phone();
  RoomId home = world.facts.room;
  RoomId away = open_room();  // each on a thread of its own
  RoomId third = open_room();

  RoomId open_room() {
    const RoomId room = RoomId::make(world.random);
    world.controller.open_room(room, 8000);
    return room;
  }
  // The rooms' names in the order in which the leg has come to them.
  std::string journey() const {
    std::string text;
    for (const LegMoved& one : world.all<LegMoved>()) {
      text += one.room == home ? 'h' : one.room == away ? 'a' : 't';
    }
    return text;
  }
  void bridge() {
    world.apply();
    world.run(300ms);
    EXPECT_EQ(world.heard(), "A<B B<A");
  }
};

TEST_F(Migration, NewRoomsGoToTheThreadWithTheFewestLegs) {
  MediaWorld fresh(1, 8000, kThreads);
  std::vector<size_t> legs;
  for (int i = 0; i < 9; ++i) {
    fresh.facts.room = RoomId::make(fresh.random);
    fresh.add_phone();
  }
  for (size_t thread = 0; thread < kThreads; ++thread) legs.push_back(fresh.controller.legs(thread));
  EXPECT_EQ(legs, (std::vector<size_t>{3, 3, 3}));
  for (int i = 0; i < 6; ++i) fresh.add_phone();  // into the newest room, on the last thread
  for (int i = 0; i < 4; ++i) {
    fresh.facts.room = RoomId::make(fresh.random);
    fresh.add_phone();
  }
  legs.clear();
  for (size_t thread = 0; thread < kThreads; ++thread) legs.push_back(fresh.controller.legs(thread));
  EXPECT_EQ(legs, (std::vector<size_t>{5, 5, 9}));
}

TEST_F(Migration, AThousandMovesKeepTheTimelineAndEveryPacket) {
  bridge();
  const std::array<RoomId, 3> rooms = {away, third, home};
  for (size_t i = 0; i < 1000; ++i) {
    world.controller.move_leg(a, rooms[i % rooms.size()]);
    world.run(std::chrono::milliseconds(1 + world.random.below(30)));
  }
  world.controller.move_leg(a, home);
  world.run(300ms);
  EXPECT_EQ(world.heard(), "A<B B<A");
  EXPECT_EQ(world.all<LegMoved>().size(), 1001U);
  EXPECT_EQ(world.breaks(), 0U);
  const auto elapsed = (world.clock.now() - base::TimePoint(1s)) / 20ms;
  EXPECT_NEAR(static_cast<double>(world.phones.at(a).packets()), static_cast<double>(elapsed), 4.0);
  world.controller.ask_statistics(a);
  world.run(10ms);
  const auto taken = world.all<StatisticsTaken>();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_NEAR(static_cast<double>(taken[0].statistics.packets_received), static_cast<double>(elapsed), 1.0);
  EXPECT_EQ(taken[0].statistics.packets_lost, 0U);
}

TEST_F(Migration, WhoIsOnTheWayIsHeardByNobody) {
  bridge();
  world.poll_every_ms = 1000;  // the hand-over takes long
  world.controller.move_leg(a, away);
  world.run(150ms);
  EXPECT_EQ(world.places(a), 0U);
  EXPECT_FALSE(world.hears(b, a));
}

TEST_F(Migration, WhatALegIsToldOnItsWayFollowsItInOrder) {
  bridge();
  world.controller.move_leg(a, away);
  LegSettings settings;
  settings.remote = world.address(0);
  settings.event_payload_type = 101;
  EXPECT_TRUE(world.controller.configure_leg(a, settings));
  EXPECT_TRUE(world.controller.send_digits(a, "1"));
  world.controller.ask_statistics(a);
  world.controller.move_leg(a, third);
  world.controller.move_leg(a, home);
  world.run(400ms);
  EXPECT_EQ(journey(), "ath");
  EXPECT_EQ(world.all<StatisticsTaken>().size(), 1U);
  EXPECT_EQ(world.all<DigitsSent>().size(), 1U);
  EXPECT_GE(world.phones.at(a).event_packets(), 4U);
  EXPECT_EQ(world.heard(), "A<B B<A");
  EXPECT_LE(world.breaks(), 1U) << "a digit's packets keep the timestamp at which it began";
}

TEST_F(Migration, ALegIsClosedOnceAtEveryInstantOfItsWay) {
  for (int way = 1; way <= 2; ++way) {
    for (int instant = 0; instant < 16; ++instant) {
      MediaWorld one(1, 8000, kThreads);
      const LegId leg = one.add_phone();
      const RoomId first = one.facts.room;
      one.facts.room = RoomId::make(one.random);
      const LegId other = one.add_phone();
      one.run(100ms);
      one.controller.move_leg(leg, one.facts.room);
      if (way == 2) one.controller.move_leg(leg, first);
      for (int i = 0; i < instant; ++i) one.step();
      one.controller.close_leg(leg);
      one.run(60ms);
      const auto closed = one.all<LegClosed>();
      ASSERT_EQ(closed.size(), 1U) << instant;
      EXPECT_EQ(closed[0].leg, leg);
      EXPECT_GE(closed[0].statistics.packets_received, 4U);
      EXPECT_EQ(one.all<LegMoved>().size(), static_cast<size_t>(way)) << instant;
      EXPECT_EQ(one.places(leg), 0U);
      EXPECT_EQ(one.places(other), 1U);
      EXPECT_EQ(one.controller.legs(0) + one.controller.legs(1) + one.controller.legs(2), 1U);
      EXPECT_TRUE(one.all_answered());
      // Its handle is another leg's now, on whichever thread.
      for (int i = 0; i < 4; ++i) {
        one.facts.room = RoomId::make(one.random);
        EXPECT_EQ(one.add_phone() == leg, false);
      }
      one.run(20ms);
    }
  }
}

TEST_F(Migration, ARoomThatIsClosedBeforeTheLegArrivesLeavesItInNone) {
  bridge();
  world.controller.move_leg(a, away);
  world.controller.close_room(away);
  world.run(100ms);
  EXPECT_EQ(journey(), "a");
  EXPECT_EQ(world.places(a), 1U);
  world.controller.move_leg(a, home);
  world.run(300ms);
  EXPECT_EQ(journey(), "ah");
  EXPECT_EQ(world.heard(), "A<B B<A");
  EXPECT_EQ(world.breaks(), 0U);
}

TEST_F(Migration, LeavingOvertakesWhatWaitsForCredits) {
  bridge();
  for (size_t i = 0; i < Channel::kCredits + 500; ++i) world.controller.ask_statistics(b);
  world.controller.move_leg(a, away);
  size_t steps = 0;
  for (; steps < 2 * (kThreads + 1) && world.places(a) == 1; ++steps) world.step();
  EXPECT_EQ(world.places(a), 0U) << "as soon as the ring has room";
  EXPECT_LT(world.all<StatisticsTaken>().size(), Channel::kCredits);
  world.run(50ms);
  EXPECT_EQ(journey(), "a");
  EXPECT_EQ(world.all<StatisticsTaken>().size(), Channel::kCredits + 500);
}

TEST_F(Migration, LeavingDoesNotOvertakeTheLegsOwnCommands) {
  for (size_t i = 0; i < Channel::kCredits + 500; ++i) world.controller.ask_statistics(b);
  const LegId late = world.add_phone();
  world.controller.ask_statistics(late);
  world.controller.move_leg(late, away);
  world.run(50ms);
  EXPECT_EQ(world.places(late), 1U);
  EXPECT_EQ(journey(), "a");
  EXPECT_EQ(world.all<StatisticsTaken>().size(), Channel::kCredits + 501);
}

// ---- taps

struct MovingTap : Migration {
  TapId tap = TapId::make(world.random);
  std::unique_ptr<TapReader> reader = world.controller.open_tap(tap, home, 1);
  size_t blocks = 0;
  size_t silent = 0;

  void drain() {
    for (auto block = reader->front(); !block.samples.empty(); block = reader->front()) {
      ++blocks;
      silent += block.silent_before;
      reader->release();
    }
  }
};

TEST_F(MovingTap, KeepsEveryFrameAndFillsTheHandOverWithSilence) {
  bridge();
  drain();
  const size_t before = blocks;
  world.poll_every_ms = 70;  // each hand-over takes two of them at most
  constexpr int kMoves = 40;
  for (int i = 0; i < kMoves; ++i) {
    world.controller.move_tap(tap, i % 2 == 0 ? away : home);
    world.run(400ms);
    drain();
  }
  constexpr double kFrames = kMoves * 400 / 20;
  EXPECT_NEAR(static_cast<double>(blocks + silent - before), kFrames, 4);
  EXPECT_GT(silent, 0U);
  EXPECT_LE(silent, kMoves * 8U);
  std::chrono::milliseconds lost{0};
  for (const TapLost& one : world.all<TapLost>()) lost += one.lost;
  EXPECT_EQ(lost, silent * 20ms);
}

TEST_F(MovingTap, IsPausedAndClosedOnItsWay) {
  bridge();
  world.controller.move_tap(tap, away);
  world.controller.pause_tap(tap, true);
  world.run(100ms);
  drain();
  const size_t before = blocks;
  world.run(200ms);
  drain();
  EXPECT_EQ(blocks, before);
  world.controller.pause_tap(tap, false);
  world.run(200ms);
  drain();
  EXPECT_NEAR(static_cast<double>(blocks - before), 10, 1);
  EXPECT_EQ(silent, 0U) << "a pause is no loss";
  for (int instant = 0; instant < 12; ++instant) {
    const TapId next = TapId::make(world.random);
    auto ring = world.controller.open_tap(next, home, 2);
    world.run(50ms);
    world.controller.move_tap(next, third);
    for (int i = 0; i < instant; ++i) world.step();
    world.controller.close_tap(next);
    world.run(20ms);
    while (!ring->front().samples.empty()) ring->release();
    EXPECT_TRUE(ring->finished()) << instant;
    EXPECT_TRUE(world.all_answered());
  }
}

TEST_F(MovingTap, ToARoomThatIsClosedIsFinished) {
  bridge();
  world.controller.move_tap(tap, away);
  world.controller.close_room(away);
  world.run(100ms);
  drain();
  EXPECT_TRUE(reader->finished());
}

}  // namespace
}  // namespace sotto::media
