#include "store/store.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "store/testing/fixture.h"

namespace sotto::store {
namespace {

Store::Change insert(int64_t version) {
  return [version](Connection& connection) -> Result<void> {
    const auto rows = connection.execute(
        "INSERT INTO documents (kind, id, account, version, body, changed) VALUES ('test', ?, '', ?, '{}', "
        "0)",
        {std::to_string(version), version});
    if (!rows) return fail(rows.error());
    return {};
  };
}

Result<int64_t> count(Connection& connection) {
  const auto rows = connection.execute("SELECT COUNT(*) FROM documents");
  if (!rows) return fail(rows.error());
  return (*rows)[0][0].integer();
}

class StoreOnBoth : public OnBothEngines {
 protected:
  void start() {
    auto opened = Store::open(
        {address(), loop_.poster(), [this](std::optional<Error> t) { troubles_.push_back(std::move(t)); }});
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }

  int64_t documents() {
    std::optional<int64_t> found;
    EXPECT_TRUE(store_->read<int64_t>(count, [&](Result<int64_t> read) { found = read.value_or(-1); }));
    EXPECT_TRUE(loop_.run_until([&] { return found.has_value(); }));
    return *found;
  }

  TestLoop loop_;
  std::vector<std::optional<Error>> troubles_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreOnBoth, AcknowledgedChangesAreSeenByReaders) {
  start();
  int done = 0;
  for (int i = 0; i < 2500; ++i) {
    ASSERT_TRUE(store_->write(insert(i), [&](Result<void> result) { done += result ? 1 : 0; }));
  }
  ASSERT_TRUE(loop_.run_until([&] { return done == 2500; }));
  EXPECT_EQ(documents(), 2500);
}

TEST_P(StoreOnBoth, ACompletionComesInTheOrderOfTheWrites) {
  start();
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(store_->write(insert(i), [&order, i](Result<void>) { order.push_back(i); }));
  }
  ASSERT_TRUE(loop_.run_until([&] { return order.size() == 100; }));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(StoreOnBoth, OneBadChangeDoesNotTakeItsBatchAlong) {
  start();
  std::vector<ErrorCode> errors;
  int done = 0;
  for (const int version : {1, 2, 2, 3}) {
    ASSERT_TRUE(store_->write(insert(version), [&](Result<void> result) {
      ++done;
      if (!result) errors.push_back(result.error().code);
    }));
  }
  ASSERT_TRUE(loop_.run_until([&] { return done == 4; }));
  EXPECT_EQ(errors, std::vector{ErrorCode::AlreadyExists});
  EXPECT_EQ(documents(), 3);
  EXPECT_TRUE(troubles_.empty());
}

TEST_P(StoreOnBoth, ChangesQueuedAtTheEndAreWritten) {
  start();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(store_->write(insert(i)));
  store_.reset();
  start();
  EXPECT_EQ(documents(), 500);
}

TEST_P(StoreOnBoth, AFullQueueRefusesInsteadOfGrowing) {
  start();
  std::mutex gate;
  std::unique_lock closed(gate);
  ASSERT_TRUE(store_->write([&gate](Connection&) -> Result<void> {
    const std::lock_guard wait(gate);
    return {};
  }));
  size_t accepted = 0;
  std::optional<Error> refusal;
  while (!refusal && accepted < base::limits::kStoreQueueMax * 2) {
    const auto written = store_->write([](Connection&) -> Result<void> { return {}; });
    if (written) ++accepted;
    if (!written) refusal = written.error();
  }
  closed.unlock();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, ErrorCode::Exhausted);
  // The change that waits at the gate may still be in the queue, too.
  EXPECT_GE(accepted + 1, base::limits::kStoreQueueMax);
}

INSTANTIATE_TEST_SUITE_P(, StoreOnBoth, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

class StoreOnPostgres : public StoreOnBoth {};

TEST_P(StoreOnPostgres, ALostConnectionIsMadeAgain) {
  start();
  const auto other = open();
  int done = 0;
  ASSERT_TRUE(store_->write(insert(1), [&](Result<void>) { ++done; }));
  ASSERT_TRUE(loop_.run_until([&] { return done == 1; }));
  ASSERT_TRUE(
      other->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                     "current_database() AND pid <> pg_backend_pid()"));
  ASSERT_TRUE(store_->write(insert(2), [&](Result<void> result) { done += result ? 1 : 100; }));
  ASSERT_TRUE(loop_.run_until([&] { return done >= 2; }));
  EXPECT_EQ(done, 2);
  EXPECT_TRUE(troubles_.empty());
}

INSTANTIATE_TEST_SUITE_P(, StoreOnPostgres, testing::Values(Engine::Postgres), engine_name);

class StoreOnSqlite : public StoreOnBoth {};

TEST_P(StoreOnSqlite, AFullDiskIsAnEventAndEndsWhenThereIsRoom) {
  start();
  int done = 0;
  const auto limit_pages = [](const std::string& pages) {
    return
        [pages](Connection& connection) { return connection.run_script("PRAGMA max_page_count=" + pages); };
  };
  ASSERT_TRUE(store_->write(limit_pages("1"), [&](Result<void>) { ++done; }));
  ASSERT_TRUE(loop_.run_until([&] { return done == 1; }));
  const auto large = [](Connection& connection) -> Result<void> {
    const auto rows = connection.execute(
        "INSERT INTO documents (kind, id, account, version, body, changed) VALUES ('test', 'large', '', 1, "
        "?, 0)",
        {std::string(200'000, 'x')});
    if (!rows) return fail(rows.error());
    return {};
  };
  std::optional<Error> error;
  ASSERT_TRUE(store_->write(large, [&](Result<void> result) {
    ++done;
    if (!result) error = result.error();
  }));
  ASSERT_TRUE(loop_.run_until([&] { return done == 2 && !troubles_.empty(); }));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::Exhausted);
  ASSERT_TRUE(troubles_.front());
  ASSERT_TRUE(store_->write(limit_pages("1000000")));
  ASSERT_TRUE(store_->write(large, [&](Result<void> result) { done += result ? 1 : 100; }));
  ASSERT_TRUE(loop_.run_until([&] { return done >= 3 && troubles_.size() == 2; }));
  EXPECT_EQ(done, 3);
  EXPECT_FALSE(troubles_.back());
}

INSTANTIATE_TEST_SUITE_P(, StoreOnSqlite, testing::Values(Engine::Sqlite), engine_name);

}  // namespace
}  // namespace sotto::store
