#include "store/live_directory.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "store/directory_store.h"
#include "store/testing/fixture.h"

namespace sotto::store {
namespace {

class LiveDirectoryOnBoth : public OnBothEngines {
 protected:
  void SetUp() override {
    auto opened = Store::open({address(), loop_.poster(), {}});
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    account_ = {directory::AccountId::make(random_), "main"};
    number_.id = directory::NumberId::make(random_);
    number_.digits = "12025550101";
  }

  void start(directory::Entities configured = {}) {
    auto created = LiveDirectory::create(*store_, clock_, std::move(configured), stored());
    ASSERT_TRUE(created) << created.error().detail;
    live_ = std::move(*created);
  }

  directory::Entities stored() {
    std::optional<Result<directory::Entities>> read;
    EXPECT_TRUE(store_->read<directory::Entities>(
        load_directory, [&](Result<directory::Entities> result) { read = std::move(result); }));
    EXPECT_TRUE(loop_.run_until([&] { return read.has_value(); }));
    return **read;
  }

  Result<void> change(LiveDirectory::Change change) {
    std::optional<Result<void>> result;
    live_->change(std::move(change), [&](Result<void> done) { result = std::move(done); });
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return *result;
  }

  base::SeededRandom random_{3};
  base::SystemClock clock_;
  TestLoop loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LiveDirectory> live_;
  directory::Account account_;
  directory::Number number_;
};

TEST_P(LiveDirectoryOnBoth, AChangeIsInTheSnapshotAndOnDiskWhenItIsDone) {
  start();
  ASSERT_TRUE(change({{account_, number_}, {}}));
  EXPECT_NE(live_->now()->number("12025550101"), nullptr);
  EXPECT_EQ(stored().numbers.size(), 1U);
  ASSERT_TRUE(change({{}, {number_.id}}));
  EXPECT_EQ(live_->now()->number("12025550101"), nullptr);
  EXPECT_EQ(stored().numbers.size(), 0U);
}

TEST_P(LiveDirectoryOnBoth, ARefusedChangeLeavesNothingBehind) {
  start();
  directory::Number twin = number_;
  twin.id = directory::NumberId::make(random_);
  EXPECT_FALSE(change({{account_, number_, twin}, {}}));
  EXPECT_EQ(stored().accounts.size(), 0U);
  EXPECT_EQ(change({{}, {number_.id}}).error().code, ErrorCode::NotFound);
}

TEST_P(LiveDirectoryOnBoth, WhatIsConfiguredWinsAndIsNotChangedHere) {
  start({.accounts = {account_}});
  EXPECT_EQ(change({{account_}, {}}).error().code, ErrorCode::Forbidden);
  EXPECT_EQ(change({{}, {account_.id}}).error().code, ErrorCode::Forbidden);
  int told = 0;
  live_->on_change([&](const auto&) { ++told; });
  ASSERT_TRUE(live_->reconfigure({}));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(live_->now()->account(account_.id), nullptr);
  EXPECT_TRUE(change({{account_}, {}}));
}

TEST_P(LiveDirectoryOnBoth, ChangesThatWaitAreMadeInOrder) {
  start();
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    number_.label = std::to_string(i);
    live_->change({{number_}, {}}, [&, i](Result<void> done) {
      EXPECT_TRUE(done);
      EXPECT_EQ(live_->now()->number("12025550101")->label, std::to_string(i));
      order.push_back(i);
    });
  }
  ASSERT_TRUE(loop_.run_until([&] { return order.size() == 5; }));
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

INSTANTIATE_TEST_SUITE_P(, LiveDirectoryOnBoth, testing::Values(Engine::Sqlite, Engine::Postgres),
                         engine_name);

}  // namespace
}  // namespace sotto::store
