#include "net/loop.h"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "net/deadline.h"
#include "net/one_shot.h"
#include "net/run.h"

namespace sotto::net {
namespace {
using namespace std::chrono_literals;

struct Recorder : base::TimerSink {
  std::vector<uint64_t> ran;
  void on_timer(uint64_t token) override { ran.push_back(token); }
};

TEST(LoopTest, DrivesTheTimersOfTheCore) {
  Loop loop;
  Recorder recorder;
  loop.timers().start(20ms, recorder, 2);
  loop.timers().start(5ms, recorder, 1);
  loop.run_until([&] { return recorder.ran.size() == 2; });
  EXPECT_EQ(recorder.ran, (std::vector<uint64_t>{1, 2}));
}

// A call that comes after a quiet while: its timers count from now, not from when the loop fell asleep.
TEST(LoopTest, WhatEndsASleepFindsTheTimeOfItsOwn) {
  Loop loop;
  Recorder recorder;
  loop.timers().start(1h, recorder, 1);
  const base::TimePoint begin = loop.clock().now();
  asio::steady_timer quiet(loop.context(), 100ms);
  bool woken = false;
  quiet.async_wait([&](const boost::system::error_code&) {
    EXPECT_GE(loop.timers().now() - begin, 100ms);
    loop.timers().start(50ms, recorder, 2);
    woken = true;
  });
  loop.run_until([&] { return woken && !recorder.ran.empty(); });
  EXPECT_GE(loop.clock().now() - begin, 150ms);
  EXPECT_EQ(recorder.ran, std::vector<uint64_t>{2});
}

TEST(LoopTest, PostFromAnotherThreadWakesASleepingLoop) {
  Loop loop;
  bool ran = false;
  std::thread other([&] { loop.post([&] { ran = true; }); });
  loop.run_until([&] { return ran; });
  other.join();
}

TEST(LoopTest, StopFromAnotherThreadEndsRun) {
  Loop loop;
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
}

asio::awaitable<void> sleep_long(Loop& loop, bool& unwound) {
  struct Guard {
    bool& flag;
    ~Guard() { flag = true; }
  } guard{unwound};
  while (true) co_await loop.sleep(1h);
}

TEST(LoopTest, StopCancelsAndAwaitsTheTasks) {
  Loop loop;
  bool unwound = false;
  loop.tasks().spawn(sleep_long(loop, unwound));
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_TRUE(unwound);
  EXPECT_EQ(loop.tasks().size(), 0u);
}

asio::awaitable<int> wait_for(OneShot<int>& value) {
  co_return co_await value.wait();
}

TEST(OneShotTest, ValueMayComeBeforeOrAfterTheWait) {
  Loop loop;
  OneShot<int> early(loop.context());
  early.set(1);
  early.set(2);
  EXPECT_EQ(run(loop, wait_for(early)), 1);
  OneShot<int> late(loop.context());
  loop.post([&] { late.set(3); });
  EXPECT_EQ(run(loop, wait_for(late)), 3);
}

asio::awaitable<void> wait_and_note(OneShot<int>& value, bool& got) {
  co_await value.wait();
  got = true;
}

TEST(OneShotTest, CancelledWaiterUnwindsWithoutAValue) {
  Loop loop;
  TaskGroup group(loop.context());
  OneShot<int> never(loop.context());
  bool got = false;
  group.spawn(wait_and_note(never, got));
  loop.post([&] { group.close(); });
  loop.run_until([&] { return group.closed() && group.size() == 0; });
  EXPECT_FALSE(got);
}

// The context drops coroutines that still wait in it, with what they hold.
TEST(DeadlineTest, OfACoroutineThatIsStillThereWhenTheLoopGoes) {
  bool waits = false;
  const auto wait = [&waits](Loop& loop) -> asio::awaitable<void> {
    const Deadline deadline(loop, 1min, [] {});
    waits = true;
    co_await loop.sleep(1min);
  };
  Loop loop;
  asio::co_spawn(loop.context(), wait(loop), asio::detached);
  loop.run_until([&] { return waits; });
}

TEST(DeadlineTest, RunsOnlyIfItStillExists) {
  Loop loop;
  bool late = false;
  bool other = false;
  Deadline deadline(loop, 10ms, [&] { late = true; });
  {
    Deadline gone(loop, 1ms, [&] { other = true; });
  }
  loop.run_until([&] { return late; });
  EXPECT_TRUE(deadline.late());
  EXPECT_FALSE(other);
}

}  // namespace
}  // namespace sotto::net
