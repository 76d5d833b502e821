#include "base/keyed_hash.h"

#include <string>

#include <gtest/gtest.h>

namespace sotto::base {
namespace {

// The paper's example (appendix A): the key is 00 01 … 0f, the text 00 01 … 0e; and the first of the authors'
// vectors, an empty text.
TEST(KeyedHash, IsSipHash) {
  const KeyedHash hash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  std::string text;
  for (char byte = 0; byte < 15; ++byte) text += byte;
  EXPECT_EQ(hash(text), 0xa129ca6149be45e5);
  EXPECT_EQ(hash(""), 0x726fdb47dd0e0e31);
  EXPECT_EQ(hash(std::string(8, 'a')), hash(std::string(8, 'a')));
  EXPECT_NE(hash(std::string(8, 'a')), hash(std::string(9, 'a')));
}

TEST(KeyedHash, IsAnotherWithAnotherKey) {
  SeededRandom random(1);
  const KeyedHash one(random), other(random);
  EXPECT_NE(one("z9hG4bK"), other("z9hG4bK"));
}

}  // namespace
}  // namespace sotto::base
