#include "store/store.h"

#include <atomic>

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

  // While nothing can be written, until `mend`.
  void expect_waiting_until(const std::function<void()>& mend) {
    std::optional<ErrorCode> refused;
    std::vector<int> written;
    const auto note = [&](int number) {
      return [&written, number](const Result<void>& result) { written.push_back(result ? number : -number); };
    };
    ASSERT_TRUE(store_->write(insert(1), note(1), Store::InTrouble::Wait));
    ASSERT_TRUE(store_->write(insert(2), [&](const Result<void>& result) {
      refused = result ? ErrorCode::NotFound : result.error().code;
    }));
    ASSERT_TRUE(store_->write(insert(3), note(3), Store::InTrouble::Wait));
    ASSERT_TRUE(loop_.run_until([&] { return refused && !troubles_.empty(); }));
    EXPECT_EQ(refused, ErrorCode::Unreachable);
    ASSERT_TRUE(troubles_.front());
    EXPECT_FALSE(troubles_.front()->detail.empty());
    EXPECT_TRUE(written.empty());
    ASSERT_TRUE(store_->write(insert(4), note(4), Store::InTrouble::Wait));
    mend();
    ASSERT_TRUE(loop_.run_until([&] { return written.size() == 3; }));
    EXPECT_EQ(written, (std::vector{1, 3, 4}));
    EXPECT_EQ(documents(), 3);
    ASSERT_EQ(troubles_.size(), 2u);
    EXPECT_FALSE(troubles_.back());
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

TEST_P(StoreOnBoth, AFailingChangeOfABatchCostsOnlyItself) {
  start();
  std::atomic<int> runs = 0;
  std::vector<std::pair<int, bool>> done;
  const auto write = [&](int number, Store::Change change) {
    ASSERT_TRUE(store_->write(std::move(change), [&done, number](const Result<void>& result) {
      done.emplace_back(number, result.has_value());
    }));
  };
  const auto counted = [&runs](int64_t version) -> Store::Change {
    return [&runs, version](Connection& connection) {
      ++runs;
      return insert(version)(connection);
    };
  };
  // What it did before it failed is undone, too.
  const Store::Change half = [](Connection& connection) -> Result<void> {
    if (auto made = insert(1000)(connection); !made) return made;
    return fail(ErrorCode::NotFound, "no such row");
  };
  std::mutex gate;
  std::unique_lock closed(gate);
  write(0, [&gate](Connection&) -> Result<void> {
    const std::lock_guard wait(gate);
    return {};
  });
  for (int i = 1; i <= 300; ++i) write(i, i % 100 == 50 ? half : counted(i));
  closed.unlock();
  ASSERT_TRUE(loop_.run_until([&] { return done.size() == 301; }));
  for (int i = 0; i <= 300; ++i) EXPECT_EQ(done[static_cast<size_t>(i)], std::pair(i, i % 100 != 50));
  EXPECT_EQ(documents(), 297);
  EXPECT_LE(runs, 2 * 297);  // together, once more under savepoints, and not each with a commit of its own
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

TEST_P(StoreOnPostgres, WhatMayWaitIsWrittenWhenTheServerIsBack) {
  start();
  const std::string name = (*open()->execute("SELECT current_database()"))[0][0].text();
  const auto other = connect({PostgresCluster::shared().new_database()});
  ASSERT_TRUE(other);
  const auto allow = [&](const std::string& allowed) {
    ASSERT_TRUE((*other)->run_script("ALTER DATABASE " + name + " ALLOW_CONNECTIONS " + allowed));
  };
  allow("false");
  ASSERT_TRUE(
      (*other)->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", {name}));
  expect_waiting_until([&] { allow("true"); });
}

INSTANTIATE_TEST_SUITE_P(, StoreOnPostgres, testing::Values(Engine::Postgres), engine_name);

class StoreOnSqlite : public StoreOnBoth {
 protected:
  // Another program that writes; the store does not wait for it.
  std::unique_ptr<Connection> hold_the_file() {
    start();
    bool set = false;
    EXPECT_TRUE(
        store_->write([](Connection& connection) { return connection.run_script("PRAGMA busy_timeout=0"); },
                      [&](const Result<void>&) { set = true; }));
    EXPECT_TRUE(loop_.run_until([&] { return set; }));
    auto other = open();
    EXPECT_TRUE(other->begin());
    return other;
  }
};

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

TEST_P(StoreOnSqlite, WhatMayWaitIsWrittenWhenTheFileIsFree) {
  const auto other = hold_the_file();
  expect_waiting_until([&] { ASSERT_TRUE(other->roll_back()); });
}

TEST_P(StoreOnSqlite, AnEndWithinTroubleComesAndIsTold) {
  const auto other = hold_the_file();
  bool written = true;
  ASSERT_TRUE(store_->write(
      insert(1), [&](const Result<void>& result) { written = result.has_value(); }, Store::InTrouble::Wait));
  store_.reset();
  ASSERT_TRUE(loop_.run_until([&] { return !written; }));
}

INSTANTIATE_TEST_SUITE_P(, StoreOnSqlite, testing::Values(Engine::Sqlite), engine_name);

}  // namespace
}  // namespace sotto::store
