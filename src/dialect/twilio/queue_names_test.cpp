#include "dialect/twilio/queue_names.h"

#include <gtest/gtest.h>

namespace sotto::twilio {
namespace {

TEST(QueueNames, AQueueIsKnownByItsNameUntilItIsRenamed) {
  QueueNames names;
  EXPECT_EQ(names.key("a/sales"), "a/sales");
  EXPECT_EQ(names.name("a/sales"), "a/sales");
  names.set("a/sales", "a/orders");
  EXPECT_EQ(names.key("a/orders"), "a/sales");
  EXPECT_EQ(names.name("a/sales"), "a/orders");
}

TEST(QueueNames, AnotherQueueMayTakeTheOldName) {
  QueueNames names;
  names.set("a/sales", "a/orders");
  const std::string other = names.key("a/sales");
  EXPECT_NE(other, "a/sales");
  EXPECT_EQ(names.name(other), "a/sales");
  names.set(other, "a/returns");
  EXPECT_EQ(names.key("a/returns"), other);
  const std::string third = names.key("a/sales");
  EXPECT_NE(third, other);
  EXPECT_EQ(names.name(third), "a/sales");
}

TEST(QueueNames, OneThatHasItsFirstNameAgainNeedsNoRow) {
  QueueNames names;
  names.set("a/sales", "a/orders");
  names.set("a/sales", "a/sales");
  EXPECT_EQ(names.key("a/sales"), "a/sales");
  EXPECT_EQ(names.key("a/orders"), "a/orders");
}

TEST(QueueNames, WhatIsErasedIsForgotten) {
  QueueNames names;
  names.set("a/sales", "a/orders");
  names.forget("a/sales");
  EXPECT_EQ(names.key("a/sales"), "a/sales");
  EXPECT_EQ(names.key("a/orders"), "a/orders");
}

}  // namespace
}  // namespace sotto::twilio
