#include "base/ids.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sotto::base
