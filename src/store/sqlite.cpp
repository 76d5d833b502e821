#include "store/sqlite.h"

#include <cstdio>
#include <mutex>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"

namespace sotto::store {
namespace {

// Commits reach the disk before they are acknowledged (FULL); readers never wait for the writer (WAL). Rows
// of one hour lie together: 8 MiB of pages in memory are as good as 32. As many as 32 MiB gather in the log
// before they are copied to the file, most of them written more than once by then.
constexpr char kSettings[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;"
    "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;"
    "PRAGMA wal_autocheckpoint=8192;";
constexpr char kReadSettings[] = "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;";
constexpr int kBackupPages = 256;
constexpr int kBackupRetriesMax = 10'000;

// SQLite's count of its own memory, which nobody asks for, takes a lock at each allocation. To be said before
// it is used for the first time; later it is refused, and no harm done.
void count_no_memory() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

ErrorCode code_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE: return ErrorCode::AlreadyExists;
    default: break;
  }
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::Conflict;
    case SQLITE_FULL: return ErrorCode::Exhausted;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
    case SQLITE_MISMATCH: return ErrorCode::Internal;
    default: return ErrorCode::Io;
  }
}

tl::unexpected<Error> failure_of(sqlite3* database) {
  return fail(code_of(sqlite3_extended_errcode(database)),
              std::string("sqlite: ") + sqlite3_errmsg(database));
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  const auto& raw = value.raw();
  if (const auto* integer = std::get_if<int64_t>(&raw)) return sqlite3_bind_int64(statement, index, *integer);
  if (const auto* real = std::get_if<double>(&raw)) return sqlite3_bind_double(statement, index, *real);
  if (const auto* text = std::get_if<std::string>(&raw)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, index);
}

Value column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER: return Value(static_cast<int64_t>(sqlite3_column_int64(statement, index)));
    case SQLITE_FLOAT: return Value(sqlite3_column_double(statement, index));
    case SQLITE_NULL: return Value();
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return Value(std::string_view(text, static_cast<size_t>(sqlite3_column_bytes(statement, index))));
    }
  }
}

Row row_of(sqlite3_stmt* statement) {
  Row row;
  const int columns = sqlite3_column_count(statement);
  row.reserve(static_cast<size_t>(columns));
  for (int i = 0; i < columns; ++i) row.push_back(column(statement, i));
  return row;
}

// A statement left between rows would hold a read transaction open, and bound texts belong to the caller.
class StatementUse {
 public:
  explicit StatementUse(sqlite3_stmt* statement) : statement_(statement) {}
  ~StatementUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  StatementUse(const StatementUse&) = delete;

 private:
  sqlite3_stmt* statement_;
};

Result<void> copy_pages(sqlite3* from, sqlite3* to) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) return failure_of(to);
  int state = SQLITE_OK;
  for (int retries = 0; state != SQLITE_DONE && retries < kBackupRetriesMax;) {
    state = sqlite3_backup_step(backup, kBackupPages);
    if (state == SQLITE_BUSY || state == SQLITE_LOCKED) {
      ++retries;
      sqlite3_sleep(1);
      continue;
    }
    if (state != SQLITE_OK) break;
  }
  sqlite3_backup_finish(backup);
  if (state != SQLITE_DONE) return failure_of(to);
  return {};
}

Result<void> sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(ErrorCode::Io, path + ": cannot be opened");
  const int synced = ::fsync(file);
  ::close(file);
  if (synced != 0) return fail(ErrorCode::Io, path + ": cannot be written to disk");
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> SqliteConnection::open(const std::string& path, Access access) {
  count_no_memory();
  sqlite3* database = nullptr;
  const int mode =
      access == Access::ReadOnly ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int opened = sqlite3_open_v2(path.c_str(), &database, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  CHECK(database != nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database));
  if (opened != SQLITE_OK) {
    return fail(ErrorCode::Io, "sqlite: " + path + ": " + sqlite3_errmsg(database));
  }
  sqlite3_extended_result_codes(database, 1);
  const auto set = connection->run_script(access == Access::ReadOnly ? kReadSettings : kSettings);
  if (!set) return fail(set.error().code, path + ": " + set.error().detail);
  return connection;
}

SqliteConnection::~SqliteConnection() {
  forget_statements();
  CHECK(sqlite3_close(database_) == SQLITE_OK);
}

Result<void> SqliteConnection::run_script(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

Result<void> SqliteConnection::roll_back() {
  // SQLite rolls back by itself when the disk is full.
  if (sqlite3_get_autocommit(database_) != 0) return {};
  return Connection::roll_back();
}

Result<Rows> SqliteConnection::run(std::string_view sql, std::span<const Value> parameters) {
  const auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const StatementUse use(*statement);
  if (static_cast<size_t>(sqlite3_bind_parameter_count(*statement)) != parameters.size()) {
    return fail(ErrorCode::Internal,
                "sqlite: the statement has another number of parameters: " + std::string(sql));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (bind(*statement, static_cast<int>(i) + 1, parameters[i]) != SQLITE_OK) return failure();
  }
  Rows rows;
  int state = sqlite3_step(*statement);
  for (; state == SQLITE_ROW; state = sqlite3_step(*statement)) rows.rows.push_back(row_of(*statement));
  if (state != SQLITE_DONE) return failure();
  if (sqlite3_stmt_readonly(*statement) == 0) rows.changed = sqlite3_changes64(database_);
  return rows;
}

Result<sqlite3_stmt*> SqliteConnection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  if (statements_.size() == base::limits::kStoreStatementsMax) forget_statements();
  sqlite3_stmt* statement = nullptr;
  const int prepared = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (prepared != SQLITE_OK || statement == nullptr) return failure();
  statements_.emplace(sql, statement);
  return statement;
}

void SqliteConnection::forget_statements() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  statements_.clear();
}

tl::unexpected<Error> SqliteConnection::failure() const {
  return failure_of(database_);
}

Result<void> SqliteConnection::back_up(const std::string& target) {
  const std::string partial = target + ".partial";
  ::unlink(partial.c_str());
  sqlite3* copy = nullptr;
  const int opened =
      sqlite3_open_v2(partial.c_str(), &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Result<void> done = opened == SQLITE_OK ? copy_pages(database_, copy) : failure_of(copy);
  sqlite3_close(copy);
  if (done) done = sync_file(partial);
  if (done && std::rename(partial.c_str(), target.c_str()) != 0)
    done = fail(ErrorCode::Io, target + ": cannot be replaced");
  if (!done) ::unlink(partial.c_str());
  return done;
}

Result<void> SqliteConnection::restore(const std::string& source) {
  forget_statements();
  // Leaving WAL needs the file for ourselves alone: a running server is noticed here.
  if (sqlite3_exec(database_, "PRAGMA busy_timeout=200; PRAGMA journal_mode=DELETE", nullptr, nullptr,
                   nullptr) != SQLITE_OK) {
    return fail(ErrorCode::Conflict, "sqlite: the database is in use; stop the server first");
  }
  sqlite3* backup = nullptr;
  const int opened = sqlite3_open_v2(source.c_str(), &backup, SQLITE_OPEN_READONLY, nullptr);
  Result<void> done = opened == SQLITE_OK ? copy_pages(backup, database_) : failure_of(backup);
  sqlite3_close(backup);
  if (!done) return done;
  return run_script(kSettings);
}

}  // namespace sotto::store
