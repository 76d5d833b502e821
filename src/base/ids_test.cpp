#include "base/ids.h"

#include <gtest/gtest.h>

#include "base/rising_id.h"

namespace sotto::base {
namespace {

struct Tag;
using TestId = Id<Tag>;

TEST(Ids, BothFormsReadBackWhateverTheCase) {
  SeededRandom random(7);
  for (int i = 0; i < 100; ++i) {
    const TestId id = TestId::make(random);
    EXPECT_EQ(parse_id<TestId>(to_hex(id)), id);
    std::string uuid = to_uuid(id);
    EXPECT_EQ(parse_id<TestId>(uuid), id);
    for (char& c : uuid) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(parse_id<TestId>(uuid), id);
  }
}

TEST(Ids, AnythingElseIsNoId) {
  for (const char* text : {"", "12", "zz7c1e5a9b0d4f62813aa6c5d4e3f2b1", "0779a56d002f1c7f47f82ef5fe84ab7",
                           "0779a56d-002f-1c7f-47f8-2ef5fe84ab7--", "0779a56d-002f1-c7f-47f8-2ef5fe84ab79",
                           "------------------------------------"}) {
    EXPECT_EQ(parse_id<TestId>(text), std::nullopt) << text;
  }
}

TEST(Ids, RisingOnesAreInOrderOfTimeAndDifferWithinAMoment) {
  SeededRandom random(7);
  FakeClock clock;
  TestId before;
  for (int i = 0; i < 100; ++i) {
    clock.advance(std::chrono::milliseconds(1));
    const auto id = rising_id<TestId>(clock, random);
    EXPECT_LT(before, id);
    EXPECT_LT(to_hex(before), to_hex(id));
    EXPECT_NE(rising_id<TestId>(clock, random), id);
    before = id;
  }
}

}  // namespace
}  // namespace sotto::base
