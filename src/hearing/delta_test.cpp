#include "hearing/delta.h"

#include <gtest/gtest.h>

#include "hearing/derive.h"
#include "hearing/room_text.h"

namespace sotto::hearing {
namespace {

PlanDelta between(const char* from, const char* to) {
  const Plan before = derive(facts_of(from));
  Plan after = derive(facts_of(to));
  after.revision = 1;
  const PlanDelta delta = diff(before, after);
  Plan applied = before;
  apply(applied, delta);
  EXPECT_EQ(applied, after) << from << " to " << to;
  return delta;
}

TEST(Delta, OnlyWhatGivesMoreToHearAddsAudibility) {
  struct Row {
    const char* from;
    const char* to;
    bool adds;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"AC", "AC", false},
           {"", "A", false},
           {"A", "AC", true},
           {"AC", "A", false},
           {"AC", "AC A.muted", false},
           {"AC A.muted", "AC", true},
           {"A A.muted", "A", false},
           {"AC", "AC A.held p@A", true},
           {"AC p", "AC", false},
           {"AC p*0.5", "AC p", true},
           {"AC p", "AC p*0.5", false},
           {"ACS S>A.whisper", "ACS S>A.barge", true},
           {"AS S>A.whisper", "AS S>A.barge", false},
           {"ACS S>A.barge", "ACS S>A.whisper", false},
           {"ACS S>A.whisper", "ACS S>C.whisper", true},
           {"AC A.earmuffed", "AC A.hear=C", true},
           {"AC", "AC 1:*", true},
           {"AC 1:*", "AC", false},
           {"AC 1:*-A", "AC 1:*", true},
           {"AC 1:*", "AC 1:*-A", false},
           {"AC 1:<A", "AC 1:C", false},
           {"AC 1:<A", "AC 1:<C", true},
           {"AC 1:Z", "AC 1:<Z", false},
       }) {
    EXPECT_EQ(between(row.from, row.to).adds_audibility, row.adds) << row.from << " to " << row.to;
  }
}

TEST(Delta, HoldsNothingThatDidNotChange) {
  const PlanDelta delta = between("ABC p q@A 1:* 2:A", "ABC A.muted p q@A 1:* 2:A");
  EXPECT_EQ(delta.members_set.size(), 1u);
  EXPECT_TRUE(delta.prompts_set.empty());
  EXPECT_TRUE(delta.taps_set.empty());
  EXPECT_TRUE(delta.cells_set.empty());
  EXPECT_EQ(delta.cells_gone.size(), 1u);
  EXPECT_EQ(delta.audiences_set.size(), 1u);
}

TEST(DeltaDeathTest, RefusesAPlanOfAnotherRevisionOrRoom) {
  Plan plan = derive(facts_of("AC"));
  PlanDelta delta = diff(plan, plan);
  delta.from = 5;
  EXPECT_DEATH(apply(plan, delta), "revision");
  delta.from = 0;
  delta.room = {.high = 1, .low = 1};
  EXPECT_DEATH(apply(plan, delta), "room");
}

}  // namespace
}  // namespace sotto::hearing
