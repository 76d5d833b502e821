#include "rtp/jitter_buffer.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::rtp {
namespace {

using namespace std::chrono_literals;
using Action = JitterBuffer::Action;

constexpr uint32_t kFrame = 160;

class JitterBufferTest : public testing::Test {
 protected:
  // Packet number `index` of a stream of 20 ms packets; its payload begins with the index.
  void insert(uint32_t index, base::TimePoint at, uint32_t ssrc = 1, size_t bytes = kFrame) {
    std::vector<std::byte> payload(bytes);
    base::ByteWriter(payload).u32(index);
    const Header header{.sequence_number = static_cast<uint16_t>(65'500 + index),
                        .timestamp = 0xFFFFF000U + index * kFrame,
                        .ssrc = ssrc};
    buffer_.insert({header, payload}, kFrame, at);
  }
  JitterBuffer::Popped pop(base::TimePoint at) { return buffer_.pop(at, kFrame, scratch_); }
  // The index of the packet played, or -1.
  int64_t played(base::TimePoint at) {
    const auto popped = pop(at);
    return popped.action == Action::Decode ? int64_t{base::ByteReader(popped.payload).u32()} : -1;
  }

  JitterBuffer buffer_{{}};
  std::vector<std::byte> scratch_ = std::vector<std::byte>(1500);
  const base::TimePoint start_{100s};
};

TEST_F(JitterBufferTest, PacketsInTimeArePlayedInOrderAfterTheTargetDelay) {
  EXPECT_EQ(pop(start_).action, Action::Silence);
  for (uint32_t i = 0; i < 200; ++i) {
    insert(i, start_ + i * 20ms);
    EXPECT_EQ(played(start_ + i * 20ms + 5ms), int64_t{i} - 1);
  }
  EXPECT_EQ(buffer_.target_delay(), 20ms);
  EXPECT_EQ(buffer_.counters().played, 199U);
  EXPECT_EQ(buffer_.counters().lost, 0U);
}

TEST_F(JitterBufferTest, APairThatChangedPlacesIsPutBack) {
  insert(0, start_);
  insert(2, start_ + 20ms);
  EXPECT_EQ(played(start_ + 21ms), 0);
  insert(1, start_ + 30ms);
  EXPECT_EQ(played(start_ + 41ms), 1);
  EXPECT_EQ(played(start_ + 61ms), 2);
}

TEST_F(JitterBufferTest, ALostPacketIsConcealedWithTheNextAtHand) {
  for (uint32_t i = 0; i < 4; ++i) {
    if (i != 1) insert(i, start_ + i * 20ms);
  }
  EXPECT_EQ(played(start_ + 61ms), 0);
  const auto gap = pop(start_ + 81ms);
  EXPECT_EQ(gap.action, Action::Conceal);
  ASSERT_EQ(gap.payload.size(), kFrame);
  EXPECT_EQ(base::ByteReader(gap.payload).u32(), 2U);
  EXPECT_EQ(played(start_ + 101ms), 2);
}

TEST_F(JitterBufferTest, DuplicatesAndLatePacketsAreCountedAndNotPlayed) {
  insert(0, start_);
  insert(0, start_);
  EXPECT_EQ(played(start_ + 20ms), 0);
  insert(0, start_ + 21ms);
  EXPECT_EQ(buffer_.counters().duplicate, 1U);
  EXPECT_EQ(buffer_.counters().late, 1U);
  EXPECT_EQ(buffer_.held(), 0U);
}

TEST_F(JitterBufferTest, APauseIsConcealedThenSilentAndTheStreamComesBack) {
  for (uint32_t i = 0; i < 10; ++i) {
    insert(i, start_ + i * 20ms);
    pop(start_ + i * 20ms + 1ms);
  }
  int silent = 0;
  for (uint32_t i = 10; i < 60; ++i) silent += pop(start_ + i * 20ms + 1ms).action == Action::Silence ? 1 : 0;
  EXPECT_GE(silent, 40);
  int decoded = 0;
  for (uint32_t i = 60; i < 70; ++i) {
    insert(i, start_ + i * 20ms);
    decoded += pop(start_ + i * 20ms + 1ms).action == Action::Decode ? 1 : 0;
  }
  EXPECT_GE(decoded, 8);
  EXPECT_EQ(buffer_.counters().restarts, 0U);
}

TEST_F(JitterBufferTest, ANewSourceStartsAfresh) {
  insert(0, start_);
  insert(1, start_ + 20ms);
  insert(500, start_ + 40ms, 2);
  EXPECT_EQ(buffer_.held(), 1U);
  EXPECT_EQ(buffer_.counters().restarts, 1U);
  EXPECT_EQ(played(start_ + 60ms), 500);
}

TEST_F(JitterBufferTest, AJumpOfTheSendersClockIsFollowedAfterAFewPackets) {
  for (uint32_t i = 0; i < 20; ++i) {
    insert(i, start_ + i * 20ms);
    pop(start_ + i * 20ms + 1ms);
  }
  int64_t last = -1;
  for (uint32_t i = 20; i < 40; ++i) {
    insert(i + 100'000, start_ + i * 20ms);
    last = std::max(last, played(start_ + i * 20ms + 1ms));
  }
  EXPECT_GE(last, 100'036);
}

TEST_F(JitterBufferTest, WhatDoesNotFitPushesOutTheOldest) {
  for (uint32_t i = 0; i < 200; ++i) insert(i, start_ + i * 1ms, 1, 1'400);
  EXPECT_LE(buffer_.held(), 3U);
  EXPECT_GT(buffer_.counters().overflow, 100U);
  insert(200, start_, 1, 1'501);
  EXPECT_EQ(buffer_.counters().inserted, 200U);
}

TEST_F(JitterBufferTest, LargePayloadsComeOutWhole) {
  std::vector<std::byte> payload(1'000);
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i * 7);
  buffer_.insert({{.sequence_number = 1, .timestamp = 5, .ssrc = 1}, payload}, kFrame, start_);
  const auto popped = pop(start_ + 20ms);
  ASSERT_EQ(popped.action, Action::Decode);
  EXPECT_TRUE(std::ranges::equal(popped.payload, payload));
}

TEST_F(JitterBufferTest, AfterAStallTheDelayComesDownAgain) {
  uint32_t next = 0;
  for (uint32_t turn = 0; turn < 500; ++turn) {
    const base::TimePoint now = start_ + turn * 20ms;
    const bool stalled = turn >= 50 && turn < 65;
    while (!stalled && next <= turn) insert(next++, now);
    pop(now + 1ms);
  }
  EXPECT_LE(buffer_.held(), 3U);
  EXPECT_GT(buffer_.counters().dropped, 0U);
}

// The network of the media issue: 10 % loss, 100 ms of jitter with reordering, duplicates.
TEST_F(JitterBufferTest, ABadNetworkLosesHardlyMoreThanItLost) {
  struct Arrival {
    base::TimePoint at;
    uint32_t index;
  };
  for (const uint64_t seed : {1U, 2U, 3U, 4U}) {
    base::SeededRandom random(seed);
    buffer_.reset();
    const JitterBuffer::Counters before = buffer_.counters();
    std::vector<Arrival> arrivals;
    for (uint32_t i = 0; i < 3'000; ++i) {
      if (random.below(100) < 10) continue;
      const int copies = random.below(100) < 5 ? 2 : 1;
      for (int copy = 0; copy < copies; ++copy) {
        arrivals.push_back({start_ + i * 20ms + std::chrono::milliseconds(random.below(100)), i});
      }
    }
    std::ranges::stable_sort(arrivals, {}, &Arrival::at);
    size_t arrived = 0;
    int64_t last = -1;
    uint32_t decoded = 0;
    uint32_t silent = 0;
    for (uint32_t turn = 0; turn < 3'000; ++turn) {
      const base::TimePoint now = start_ + turn * 20ms;
      for (; arrived < arrivals.size() && arrivals[arrived].at <= now; ++arrived) {
        insert(arrivals[arrived].index, arrivals[arrived].at);
      }
      const auto popped = pop(now);
      if (turn > 10 && popped.action == Action::Silence) ++silent;
      if (popped.action != Action::Decode) continue;
      ++decoded;
      const int64_t index = base::ByteReader(popped.payload).u32();
      EXPECT_GT(index, last);
      last = index;
    }
    EXPECT_EQ(silent, 0U) << "seed " << seed;
    EXPECT_GT(decoded, 3'000 * 86 / 100) << "seed " << seed;
    EXPECT_GT(buffer_.counters().duplicate, before.duplicate);
    EXPECT_LE(buffer_.target_delay(), 130ms);
  }
}

}  // namespace
}  // namespace sotto::rtp
