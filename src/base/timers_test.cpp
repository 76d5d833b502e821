#include "base/timers.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::base {
namespace {
using namespace std::chrono_literals;

struct Recorder : TimerSink {
  std::vector<uint64_t> ran;
  void on_timer(uint64_t token) override { ran.push_back(token); }
};

struct TimersTest : testing::Test {
  TimePoint start{5s};
  Timers timers{start};
  Recorder sink;
};

TEST_F(TimersTest, RunInOrderOfDueTimeThenOfStart) {
  timers.start(20ms, sink, 2);
  timers.start(10ms, sink, 1);
  timers.start(20ms, sink, 3);
  timers.advance(start + 30ms);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(TimersTest, NeverRunEarlyAndNotTwice) {
  timers.start(10ms, sink, 1);
  timers.advance(start + 10ms - 1ns);
  EXPECT_TRUE(sink.ran.empty());
  timers.advance(start + 10ms);
  timers.advance(start + 20ms);
  EXPECT_EQ(sink.ran.size(), 1u);
}

TEST_F(TimersTest, WhileTheOwnerSleepsTheyCountFromTheClock) {
  FakeClock clock;
  clock.set(start);
  timers.start(10ms, sink, 1);
  timers.sleep(clock);
  clock.advance(8ms);
  EXPECT_EQ(timers.now(), start + 8ms);
  timers.start(5ms, sink, 2);
  timers.advance(start + 12ms);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{1}));
  EXPECT_EQ(timers.now(), start + 12ms);
  timers.advance(start + 13ms);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{1, 2}));
}

TEST_F(TimersTest, StoppedTimerDoesNotRunAndHandleIsCleared) {
  TimerId id = timers.start(10ms, sink, 1);
  timers.stop(id);
  EXPECT_EQ(id, TimerId::None);
  timers.advance(start + 1s);
  EXPECT_TRUE(sink.ran.empty());
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(TimersTest, LongerThanTheWheelAndLongJumps) {
  timers.start(1h, sink, 1);
  timers.start(100s, sink, 2);
  timers.advance(start + 30min);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{2}));
  timers.advance(start + 2h);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{2, 1}));
}

TEST_F(TimersTest, NextDueNeverLaterThanTheFirstTimer) {
  EXPECT_EQ(timers.next_due(), std::nullopt);
  timers.start(7ms, sink, 1);
  timers.start(5ms, sink, 2);
  EXPECT_EQ(timers.next_due(), start + 5ms);
}

TEST_F(TimersTest, AHandleOfOneThatRanOutDoesNotStopAnother) {
  TimerId old = timers.start(1ms, sink, 1);
  timers.advance(start + 1ms);
  timers.start(1ms, sink, 2);
  timers.stop(old);
  timers.advance(start + 2ms);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{1, 2}));
}

TEST_F(TimersTest, RandomStartsAndStopsAgreeWithASortedList) {
  SeededRandom random(42);
  std::vector<std::pair<TimePoint, uint64_t>> expected;
  std::vector<TimerId> handles;
  TimePoint now = start;
  for (uint64_t token = 0; token < 5000; ++token) {
    const uint64_t longest_us = random.below(4) == 0 ? 200'000'000 : 500'000;
    const Duration delay = std::chrono::microseconds(random.below(longest_us));
    TimerId id = timers.start(delay, sink, token);
    if (random.below(4) == 0) {
      timers.stop(id);
    } else {
      expected.emplace_back(now + delay, token);
      handles.push_back(id);
    }
    if (random.below(10) == 0) timers.advance(now += std::chrono::microseconds(random.below(200'000)));
    EXPECT_EQ(timers.next_due().has_value(), timers.pending() > 0);
  }
  timers.advance(now + 200s);
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<uint64_t> order;
  for (const auto& [due, token] : expected) order.push_back(token);
  EXPECT_EQ(sink.ran, order);
  for (TimerId& id : handles) timers.stop(id);
  EXPECT_EQ(timers.pending(), 0u);
}

struct Restarter : TimerSink {
  explicit Restarter(Timers& wheel) : timers(wheel) {}
  Timers& timers;
  int runs = 0;
  void on_timer(uint64_t) override {
    if (++runs < 5) timers.start(0ms, *this, 0);
  }
};

TEST_F(TimersTest, AZeroTimerStartedFromATimerRunsInTheSameAdvance) {
  Restarter restarter(timers);
  timers.start(1ms, restarter, 0);
  timers.advance(start + 1ms);
  EXPECT_EQ(restarter.runs, 5);
}

struct Metronome : TimerSink {
  Metronome(Timers& wheel, Duration each) : timers(wheel), period(each) {}
  Timers& timers;
  const Duration period;
  std::vector<TimePoint> beats;
  void on_timer(uint64_t) override {
    beats.push_back(timers.now());
    timers.start(period, *this, 0);
  }
};

TEST_F(TimersTest, WhatATimerStartsCountsFromItsOwnTimeHoweverFarTheClockJumps) {
  struct Row {
    Duration period;
    int beats;
  };
  for (const Row& row : {Row{10s, 100}, Row{5min, 100}, Row{7ms, 1000}, Row{2700us, 1600}}) {
    Timers wheel(start);
    Metronome metronome(wheel, row.period);
    wheel.start(row.period, metronome, 0);
    wheel.advance(start + row.beats * row.period);
    std::vector<TimePoint> expected;
    for (int beat = 1; beat <= row.beats; ++beat) expected.push_back(start + beat * row.period);
    EXPECT_EQ(metronome.beats, expected);
    EXPECT_EQ(wheel.now(), start + row.beats * row.period);
    EXPECT_EQ(wheel.pending(), 1u);
  }
}

TEST_F(TimersTest, ALongJumpKeepsTheOrderAcrossRoundsOfTheWheel) {
  timers.start(90s, sink, 3);
  timers.start(70s, sink, 2);
  timers.start(4500ms, sink, 1);
  timers.start(30 * 24h, sink, 4);
  timers.advance(start + 365 * 24h);
  EXPECT_EQ(sink.ran, (std::vector<uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(timers.now(), start + 365 * 24h);
}

}  // namespace
}  // namespace sotto::base
