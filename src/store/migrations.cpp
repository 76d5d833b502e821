#include "store/migrations.h"

#include <string>

#include "store/connection.h"

namespace sotto::store {
namespace {

constexpr char kVersionTable[] =
    "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)";
// Any number will do, as long as nobody else in this database uses it. A step may rewrite a large table.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(7368641)";
constexpr char kPatience[] = "SET LOCAL statement_timeout = 0";

// Each with what it stands for.
void replace_all(std::string& text, std::string_view token, std::string_view by) {
  for (size_t at = text.find(token); at != std::string::npos; at = text.find(token, at + by.size())) {
    text.replace(at, token.size(), by);
  }
}

std::string for_engine(std::string_view sql, Engine engine) {
  const bool sqlite = engine == Engine::Sqlite;
  std::string out(sql);
  replace_all(out, "{serial}", sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGSERIAL PRIMARY KEY");
  replace_all(out, "{by key}", sqlite ? "WITHOUT ROWID" : "");
  return out;
}

// The next step, if there is one. The lock is held to the end of the transaction, so two servers take turns.
Result<bool> take_step(Connection& connection, std::span<const Migration> steps) {
  auto transaction = Transaction::begin(connection);
  if (!transaction) return fail(transaction.error());
  if (connection.engine() == Engine::Postgres) {
    for (const char* sql : {kPatience, kLock}) {
      if (const auto done = connection.execute(sql); !done) return fail(done.error());
    }
  }
  if (const auto made = connection.execute(kVersionTable); !made) return fail(made.error());
  const auto version = schema_version(connection);
  if (!version) return fail(version.error());
  const auto done = static_cast<size_t>(*version);
  if (done > steps.size()) {
    return fail(ErrorCode::Unsupported, "store: the database has schema " + std::to_string(done) +
                                            ", this program knows " + std::to_string(steps.size()) +
                                            "; use a newer program");
  }
  if (done < steps.size()) {
    const Migration& step = steps[done];
    const auto ran = connection.run_script(for_engine(step.sql, connection.engine()));
    if (!ran)
      return fail(ran.error().code, "migration " + std::string(step.name) + ": " + ran.error().detail);
    const auto noted = connection.execute("INSERT INTO schema_version (version, name) VALUES (?, ?)",
                                          {static_cast<int64_t>(done + 1), step.name});
    if (!noted) return fail(noted.error());
  }
  if (const auto committed = transaction->commit(); !committed) return fail(committed.error());
  return done < steps.size();
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
  while (true) {
    const auto stepped = take_step(connection, steps);
    if (!stepped) return fail(stepped.error());
    if (!*stepped) return {};
  }
}

Result<int64_t> schema_version(Connection& connection) {
  const auto rows = connection.execute("SELECT COALESCE(MAX(version), 0) FROM schema_version");
  if (!rows) return fail(rows.error());
  return (*rows)[0][0].integer();
}

}  // namespace sotto::store
