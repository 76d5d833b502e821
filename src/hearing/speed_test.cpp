#include <cstdio>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/random.h"
#include "base/time.h"
#include "hearing/derive.h"

namespace sotto::hearing {
namespace {

// Fifty exceptions in a room as full as rooms get.
Facts full_room() {
  base::SeededRandom random(4096);
  Facts facts;
  facts.room = RoomId::make(random);
  for (size_t i = 0; i + 1 < base::limits::kRoomLegsMax; ++i) {
    facts.members.emplace_back();
    facts.members.back().leg = LegId::make(random);
  }
  for (size_t i = 0; i < 50; ++i) {
    facts.supervisions.push_back({.supervisor = facts.members[2 * i].leg,
                                  .target = facts.members[2 * i + 1].leg,
                                  .mode = SupervisionMode::Whisper});
  }
  return facts;
}

// The bounds are ten times what the sanitizer build needs on a busy machine: they catch a square, not a
// tenth.
TEST(Speed, AJoinToAFullRoom) {
  Facts facts = full_room();
  Plan before = derive(facts);
  EXPECT_EQ(before.exceptions.size(), 50u);
  facts.members.emplace_back();
  facts.members.back().leg = {.high = 77, .low = 77};
  const base::SystemClock clock;
  const base::TimePoint start = clock.now();
  Plan after = derive(facts);
  after.revision = 1;
  const base::TimePoint derived = clock.now();
  const PlanDelta delta = diff(before, after);
  const base::TimePoint compared = clock.now();
  apply(before, delta);
  const base::TimePoint applied = clock.now();
  EXPECT_EQ(before, after);
  EXPECT_EQ(delta.members_set.size(), 1u);
  EXPECT_TRUE(delta.cells_set.empty());
  const auto us = [](base::Duration time) {
    return static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  };
  std::printf("4096 legs, 50 exceptions, one joins: derive %lld us, diff %lld us, apply %lld us\n",
              us(derived - start), us(compared - derived), us(applied - compared));
  EXPECT_LT(applied - start, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace sotto::hearing
