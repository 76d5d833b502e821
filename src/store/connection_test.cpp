#include "store/connection.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/testing/fixture.h"

namespace sotto::store {
namespace {

class Conformance : public OnBothEngines {
 protected:
  void SetUp() override {
    connection_ = open();
    ASSERT_TRUE(connection_->run_script(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, size DOUBLE PRECISION); CREATE TABLE "
        "u (t BIGINT NOT NULL REFERENCES t (id), CHECK (t > 0))"));
  }

  Rows run(std::string_view sql, const Values& parameters = {}) {
    const auto rows = connection_->execute(sql, parameters);
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows.value_or(Rows{});
  }

  ErrorCode refusal(std::string_view sql, const Values& parameters = {}) {
    const auto rows = connection_->execute(sql, parameters);
    EXPECT_FALSE(rows) << sql;
    return rows ? ErrorCode::NotFound : rows.error().code;
  }

  std::unique_ptr<Connection> connection_;
};

TEST_P(Conformance, ValuesComeBackAsTheyWent) {
  EXPECT_EQ(run("INSERT INTO t (id, name, size) VALUES (?, ?, ?)", {INT64_MAX, "Grüße ? 😀", 0.1}).changed, 1);
  run("INSERT INTO t (id, name, size) VALUES (?, ?, ?)", {INT64_MIN, Value(), Value()});
  run("INSERT INTO t (id, name, size) VALUES (?, ?, ?)", {0, "", 1e300});
  const Rows rows = run("SELECT id, name, size FROM t ORDER BY id");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], (Row{Value(INT64_MIN), Value(), Value()}));
  EXPECT_EQ(rows[1], (Row{Value(0), Value(""), Value(1e300)}));
  EXPECT_EQ(rows[2], (Row{Value(INT64_MAX), Value("Grüße ? 😀"), Value(0.1)}));
}

TEST_P(Conformance, CountsSumsAndQuestionMarksInQuotes) {
  run("INSERT INTO t (id, name) VALUES (1, 'a?'), (2, 'b'), (3, NULL)");
  EXPECT_EQ(run("SELECT COUNT(*), SUM(id) FROM t WHERE id > ?", {1})[0], (Row{Value(2), Value(5)}));
  EXPECT_EQ(run("SELECT id FROM t WHERE name = 'a?' AND id = ?", {1}).size(), 1u);
  EXPECT_EQ(run("UPDATE t SET name = ? WHERE id < ?", {"x", 3}).changed, 2);
  EXPECT_EQ(run("DELETE FROM t WHERE id = ?", {99}).changed, 0);
  EXPECT_EQ(run("SELECT id FROM t ORDER BY id LIMIT ? OFFSET ?", {1, 1})[0][0], Value(2));
}

TEST_P(Conformance, UpsertsAndReturns) {
  const std::string_view upsert =
      "INSERT INTO t (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING "
      "name";
  EXPECT_EQ(run(upsert, {1, "a"})[0][0], Value("a"));
  EXPECT_EQ(run(upsert, {1, "b"})[0][0], Value("b"));
}

TEST_P(Conformance, ErrorsHaveTheSameCodes) {
  run("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(refusal("INSERT INTO t (id) VALUES (1)"), ErrorCode::AlreadyExists);
  EXPECT_EQ(refusal("INSERT INTO u (t) VALUES (7)"), ErrorCode::Conflict);
  EXPECT_EQ(refusal("INSERT INTO u (t) VALUES (NULL)"), ErrorCode::Conflict);
  EXPECT_EQ(refusal("SELECT nonsense FROM t"), ErrorCode::Internal);
  EXPECT_EQ(refusal("INSERT INTO t (id, name) VALUES (2, ?)", {std::string("a\0b", 3)}), ErrorCode::Invalid);
  EXPECT_EQ(refusal("INSERT INTO t (id, name) VALUES (2, ?)", {"\xff"}), ErrorCode::Invalid);
  EXPECT_EQ(run("SELECT COUNT(*) FROM t")[0][0], Value(1));
}

TEST_P(Conformance, TransactionsAreWholeOrNothing) {
  {
    auto transaction = Transaction::begin(*connection_);
    ASSERT_TRUE(transaction);
    run("INSERT INTO t (id) VALUES (1)");
    EXPECT_EQ(refusal("INSERT INTO t (id) VALUES (1)"), ErrorCode::AlreadyExists);
  }
  EXPECT_EQ(run("SELECT COUNT(*) FROM t")[0][0], Value(0));
  {
    auto transaction = Transaction::begin(*connection_);
    ASSERT_TRUE(transaction);
    run("INSERT INTO t (id) VALUES (1)");
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_EQ(run("SELECT COUNT(*) FROM t")[0][0], Value(1));
}

TEST_P(Conformance, AReaderSeesCommitsAndCannotWrite) {
  const auto reader = open(Access::ReadOnly);
  auto transaction = Transaction::begin(*connection_);
  ASSERT_TRUE(transaction);
  run("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ((*reader->execute("SELECT COUNT(*) FROM t"))[0][0], Value(0));
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ((*reader->execute("SELECT COUNT(*) FROM t"))[0][0], Value(1));
  EXPECT_FALSE(reader->execute("DELETE FROM t"));
}

TEST_P(Conformance, MoreStatementsThanAreKeptStillWork) {
  for (size_t i = 0; i < base::limits::kStoreStatementsMax + 5; ++i)
    run("SELECT id FROM t WHERE id = " + std::to_string(i));
  run("SELECT id FROM t WHERE id = 0");
}

TEST_P(Conformance, MigrationsRunOnceInOrderAndKeepData) {
  constexpr Migration kSteps[] = {{"one", "CREATE TABLE m (id {serial}, name TEXT)"},
                                  {"two", "ALTER TABLE m ADD COLUMN more TEXT"}};
  ASSERT_TRUE(migrate(*connection_, std::span(kSteps, 1)));
  run("INSERT INTO m (name) VALUES ('kept')");
  ASSERT_TRUE(migrate(*connection_, kSteps));
  ASSERT_TRUE(migrate(*connection_, kSteps));
  EXPECT_EQ(run("SELECT id, name, more FROM m")[0], (Row{Value(1), Value("kept"), Value()}));
  EXPECT_EQ(schema_version(*connection_), 2);
  EXPECT_EQ(migrate(*connection_, std::span(kSteps, 1)).error().code, ErrorCode::Unsupported);
}

TEST_P(Conformance, AMigrationThatFailsLeavesNothing) {
  constexpr Migration kSteps[] = {{"bad", "CREATE TABLE half (id BIGINT); CREATE TABLE t (id BIGINT)"}};
  const auto migrated = migrate(*connection_, kSteps);
  ASSERT_FALSE(migrated);
  EXPECT_NE(migrated.error().detail.find("migration bad"), std::string::npos);
  EXPECT_EQ(refusal("SELECT id FROM half"), ErrorCode::Internal);
}

INSTANTIATE_TEST_SUITE_P(, Conformance, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

TEST(Connection, TellsWhenThereIsNoDatabase) {
  EXPECT_EQ(connect({"sqlite:/nowhere/at/all.db"}).error().code, ErrorCode::Io);
  EXPECT_EQ(connect({"host=/nowhere dbname=x"}).error().code, ErrorCode::Unreachable);
}

}  // namespace
}  // namespace sotto::store
