#include "base/spsc_ring.h"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::base {
namespace {

TEST(SpscRing, WhatGoesInComesOutInOrder) {
  SpscRing<int, 4> ring;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ring.push(std::move(i)));
  int out = -1;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(ring.pop(out));
    EXPECT_EQ(out, i);
  }
}

TEST(SpscRing, AFullRingRefusesAndKeepsTheCallersValue) {
  SpscRing<std::unique_ptr<int>, 2> ring;
  EXPECT_TRUE(ring.push(std::make_unique<int>(1)));
  EXPECT_TRUE(ring.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(ring.push(std::move(third)));
  ASSERT_NE(third, nullptr);
  std::unique_ptr<int> out;
  ASSERT_TRUE(ring.pop(out));
  EXPECT_EQ(*out, 1);
  EXPECT_TRUE(ring.push(std::move(third)));
  EXPECT_EQ(ring.size(), ring.capacity());
}

TEST(SpscRing, AnEmptyRingLeavesTheReadersVariableAlone) {
  SpscRing<int, 2> ring;
  int out = 7;
  EXPECT_FALSE(ring.pop(out));
  EXPECT_EQ(out, 7);
  EXPECT_EQ(ring.size(), 0u);
}

TEST(SpscRing, RandomPushesAndPopsAgreeWithADeque) {
  SpscRing<uint64_t, 8> ring;
  std::deque<uint64_t> model;
  SeededRandom random(9);
  for (int i = 0; i < 20'000; ++i) {
    uint64_t value = random.next();
    if (random.below(2) == 0) {
      const bool fits = model.size() < ring.capacity();
      if (fits) model.push_back(value);
      EXPECT_EQ(ring.push(std::move(value)), fits);
    } else {
      const bool any = !model.empty();
      EXPECT_EQ(ring.pop(value), any);
      if (any) {
        EXPECT_EQ(value, model.front());
        model.pop_front();
      }
    }
    ASSERT_EQ(ring.size(), model.size());
  }
}

}  // namespace
}  // namespace sotto::base
