#include "store/connection.h"

#include <algorithm>

#include "base/log.h"
#include "store/postgres.h"
#include "store/sqlite.h"
#include "text/utf8.h"

namespace sotto::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

Result<void> without_rows(Result<Rows> result) {
  if (!result) return fail(std::move(result.error()));
  return {};
}

}  // namespace

Result<void> check_storable(const Values& values) {
  const bool storable = std::all_of(values.begin(), values.end(), [](const Value& value) {
    const auto* text = std::get_if<std::string>(&value.raw());
    return text == nullptr || (text->find('\0') == std::string::npos && text::is_utf8(*text));
  });
  if (!storable) return fail(ErrorCode::Invalid, "store: a text holds U+0000 or is not UTF-8");
  return {};
}

Result<Rows> Connection::execute(std::string_view sql, const Values& parameters) {
  if (const auto storable = check_storable(parameters); !storable) return fail(storable.error());
  return run(sql, parameters);
}

Result<void> Connection::begin() {
  // SQLite would else take its write lock late, and fail there instead of here.
  const bool sqlite = engine() == Engine::Sqlite;
  return without_rows(run(sqlite ? "BEGIN IMMEDIATE" : "BEGIN", {}));
}

Result<void> Connection::commit() {
  return without_rows(run("COMMIT", {}));
}

Result<void> Connection::roll_back() {
  return without_rows(run("ROLLBACK", {}));
}

Result<std::unique_ptr<Connection>> connect(const ConnectionOptions& options) {
  if (!options.address.starts_with(kSqlite)) return PostgresConnection::open(options.address, options.access);
  return SqliteConnection::open(options.address.substr(kSqlite.size()), options.access);
}

Result<Transaction> Transaction::begin(Connection& connection) {
  if (const auto begun = connection.begin(); !begun) return fail(begun.error());
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ == nullptr) return;
  // A connection that is gone has rolled back by itself.
  if (const auto undone = connection_->roll_back(); !undone && connection_->healthy()) {
    base::log(base::LogLevel::Warning, "store", "a transaction could not be rolled back",
              {{"error", undone.error().detail}});
  }
}

Result<void> Transaction::commit() {
  auto committed = connection_->commit();
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace sotto::store
