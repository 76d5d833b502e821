#include "store/maintenance.h"

#include "base/limits.h"
#include "store/columns.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace sotto::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

// Deletes one batch of rows whose `key` the query finds.
Result<void> erase_batch(Connection& connection, std::string_view table, std::string_view key,
                         std::string_view which, base::WallTime before, Purged& purged) {
  const std::string name(table);
  const std::string sql = "DELETE FROM " + name + " WHERE " + std::string(key) + " IN (SELECT " +
                          std::string(key) + " FROM " + name + " WHERE " + std::string(which) + " LIMIT ?)";
  const auto erased = connection.execute(sql, {to_column(before), base::limits::kStorePurgeMax});
  if (!erased) return fail(erased.error());
  purged.rows += erased->changed;
  if (static_cast<size_t>(erased->changed) >= base::limits::kStorePurgeMax) purged.more = true;
  return {};
}

Result<void> purge_records(Connection& connection, base::WallTime before, Purged& purged) {
  Result<void> done = erase_batch(connection, "events", "sequence", "wall < ?", before, purged);
  if (done) done = erase_batch(connection, "legs", "id", "created < ? AND ended IS NOT NULL", before, purged);
  if (done) done = erase_batch(connection, "campaign_calls", "sequence", "started < ?", before, purged);
  return done;
}

// The ledger's keys have several columns; whole rooms go at once, when nothing in them is open or younger.
Result<void> purge_ledger(Connection& connection, base::WallTime before, Purged& purged) {
  const auto rooms = connection.execute(
      "SELECT room FROM hearing GROUP BY room HAVING MAX(COALESCE(ended, started)) < ? AND "
      "COUNT(*) = COUNT(ended) "
      "LIMIT ?",
      {to_column(before), base::limits::kStorePurgeMax});
  if (!rooms) return fail(rooms.error());
  if (rooms->size() >= base::limits::kStorePurgeMax) purged.more = true;
  for (const Row& room : *rooms) {
    const auto erased = connection.execute("DELETE FROM hearing WHERE room = ?", {room[0]});
    if (!erased) return fail(erased.error());
    purged.rows += erased->changed;
  }
  return {};
}

Result<void> purge_recordings(Connection& connection, base::WallTime before, Purged& purged) {
  const auto old = connection.execute(
      "SELECT id, path FROM recordings WHERE started < ? AND ended IS NOT NULL ORDER BY started LIMIT ?",
      {to_column(before), base::limits::kStorePurgeMax});
  if (!old) return fail(old.error());
  if (old->size() >= base::limits::kStorePurgeMax) purged.more = true;
  for (const Row& row : *old) {
    const auto erased = connection.execute("DELETE FROM recordings WHERE id = ?", {row[0]});
    if (!erased) return fail(erased.error());
    purged.rows += erased->changed;
    purged.recording_paths.push_back(row[1].text());
  }
  return {};
}

// A file that this program can go on with.
Result<void> check_backup(const std::string& file) {
  const auto backup = SqliteConnection::open(file, Access::ReadOnly);
  if (!backup) return fail(ErrorCode::Invalid, file + ": cannot be opened as a backup");
  const auto checked = (*backup)->execute("PRAGMA quick_check");
  if (!checked || checked->empty() || (*checked)[0][0].text() != "ok")
    return fail(ErrorCode::Invalid, file + ": is damaged");
  const auto version = schema_version(**backup);
  if (!version) return fail(ErrorCode::Invalid, file + ": is no backup of this server");
  if (static_cast<size_t>(*version) > migrations().size()) {
    return fail(ErrorCode::Unsupported, file + ": was made by a newer program");
  }
  return {};
}

}  // namespace

Result<Purged> purge(Connection& connection, const Retention& retention) {
  Purged purged;
  Result<void> done;
  if (retention.records) done = purge_records(connection, *retention.records, purged);
  if (done && retention.ledger) done = purge_ledger(connection, *retention.ledger, purged);
  if (done && retention.recordings) done = purge_recordings(connection, *retention.recordings, purged);
  if (done && retention.dead_letters) {
    done = erase_batch(connection, "outbox", "sequence", "created < ? AND state = 'dead'",
                       *retention.dead_letters, purged);
  }
  if (!done) return fail(done.error());
  return purged;
}

Result<void> back_up(const std::string& address, const std::string& target_file) {
  if (!address.starts_with(kSqlite))
    return fail(ErrorCode::Unsupported, "backup: use pg_dump for PostgreSQL");
  const auto connection = SqliteConnection::open(address.substr(kSqlite.size()), Access::ReadOnly);
  if (!connection) return fail(connection.error());
  return static_cast<SqliteConnection&>(**connection).back_up(target_file);
}

Result<void> restore(const std::string& source_file, const std::string& address) {
  if (!address.starts_with(kSqlite))
    return fail(ErrorCode::Unsupported, "restore: use pg_restore for PostgreSQL");
  if (const auto usable = check_backup(source_file); !usable) return usable;
  const auto connection = SqliteConnection::open(address.substr(kSqlite.size()), Access::ReadWrite);
  if (!connection) return fail(connection.error());
  return static_cast<SqliteConnection&>(**connection).restore(source_file);
}

}  // namespace sotto::store
