#include "base/random.h"

#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace sotto::base {
namespace {

// Hands out a prepared list of numbers.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<uint64_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_EQ(out.size(), sizeof(uint64_t));
    ASSERT_LT(used_, numbers_.size());
    std::memcpy(out.data(), &numbers_[used_++], sizeof(uint64_t));
  }
  size_t used() const { return used_; }

 private:
  const std::vector<uint64_t> numbers_;
  size_t used_ = 0;
};

TEST(Random, SameSeedSameNumbersOtherSeedOthers) {
  SeededRandom one(1), again(1), other(2);
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = one.next();
    EXPECT_EQ(value, again.next());
    EXPECT_NE(value, other.next());
  }
}

TEST(Random, SplitmixGivesItsPublishedFirstNumbers) {
  SeededRandom random(1234567);
  for (const uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u}) {
    EXPECT_EQ(random.next(), expected);
  }
}

TEST(Random, BelowStaysBelowAndReachesEveryResult) {
  SeededRandom random(5);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(random.below(7));
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, BelowThrowsAwayWhatWouldFavourLowResults) {
  // UINT64_MAX is no multiple of 10: the numbers from its largest multiple up are drawn again.
  ScriptedRandom random({UINT64_MAX, UINT64_MAX - UINT64_MAX % 10, 23});
  EXPECT_EQ(random.below(10), 3u);
  EXPECT_EQ(random.used(), 3u);
}

TEST(Random, TheSystemsBytesDifferAcrossRefillsOfItsBuffer) {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.next());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, AFillLargerThanTheBufferIsFilledToTheEnd) {
  SystemRandom random;
  std::vector<std::byte> bytes(2000);
  random.fill(bytes);
  // 16 zero bytes in a row by chance: once in 10^35 runs.
  EXPECT_EQ(std::search_n(bytes.begin(), bytes.end(), 16, std::byte{0}), bytes.end());
}

}  // namespace
}  // namespace sotto::base
