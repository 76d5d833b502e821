#include "base/result.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace sotto::base {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::Invalid, "value is odd");
  return value / 2;
}

Result<std::string> quarter_as_text(int value) {
  const auto first = half(value);
  if (!first) return fail(first.error());
  const auto second = half(*first);
  if (!second) return fail(second.error());
  return std::to_string(*second);
}

TEST(Result, CarriesAValueOrAnErrorThroughTypes) {
  EXPECT_EQ(quarter_as_text(12), "3");
  const auto failed = quarter_as_text(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), (Error{ErrorCode::Invalid, "value is odd"}));
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  const auto count = static_cast<size_t>(ErrorCode::Internal) + 1;
  for (size_t code = 0; code < count; ++code) names.insert(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), count);
  EXPECT_EQ(to_string(ErrorCode::TooLarge), "too large");
  EXPECT_EQ(to_string(ErrorCode::Internal), "internal");
}

TEST(ResultDeathTest, ACodeFromNowhereIsOurOwnBug) {
  EXPECT_DEATH(to_string(static_cast<ErrorCode>(999)), "CHECK failed");
}

}  // namespace
}  // namespace sotto::base
