#include "store/recording_store.h"

#include "base/limits.h"
#include "store/columns.h"

namespace sotto::store {
namespace {

using call::RecordingInfo;

constexpr EnumNames<call::RecordingFormat, 3> kFormats{{"wav", "mp3", "ogg"}};
constexpr EnumNames<call::RecordingPolicy, 6> kPolicies{
    {"mixed", "one_voice", "one_ear", "said_and_heard", "caller_callee", "track_per_leg"}};
constexpr EnumNames<call::RecordingEnd, 7> kEnds{
    {"stopped", "silence", "key", "time_limit", "leg_left", "room_ended", "failed"}};

constexpr std::string_view kSelect =
    "SELECT id, call_id, leg, room, account, started, ended, length_ms, bytes, path, end_reason, end_key, "
    "policy, format, "
    "channels, sample_rate, owner, extra FROM recordings";

RecordingRecord record_of(const Row& row) {
  RecordingRecord record;
  RecordingInfo& info = record.info;
  info.id = id_of<call::RecordingId>(row[0].text());
  info.call = id_of<call::CallId>(row[1].text());
  info.leg = id_or_none<call::LegId>(row[2]);
  info.room = id_of<call::RoomId>(row[3].text());
  record.account = row[4].text();
  info.started = time_of(row[5]);
  info.ended = time_or_none(row[6]);
  info.length = std::chrono::milliseconds(row[7].integer());
  info.bytes = static_cast<uint64_t>(row[8].integer());
  info.path = row[9].text();
  info.end = kEnds.value(row[10].text());
  info.end_key = row[11].text().empty() ? '\0' : row[11].text().front();
  info.spec.policy = kPolicies.value(row[12].text());
  info.spec.format = kFormats.value(row[13].text());
  info.spec.channels = static_cast<int>(row[14].integer());
  info.spec.sample_rate = static_cast<int>(row[15].integer());
  info.spec.owner = row[16].text();
  record.extra = row[17].text();
  return record;
}

Result<std::vector<RecordingRecord>> records(const Result<Rows>& rows) {
  if (!rows) return fail(rows.error());
  std::vector<RecordingRecord> found;
  for (const Row& row : *rows) found.push_back(record_of(row));
  return found;
}

}  // namespace

Result<void> put_recording(Connection& connection, const RecordingRecord& recording) {
  const RecordingInfo& info = recording.info;
  return changed(connection.execute(
      "INSERT INTO recordings (id, call_id, leg, room, account, started, ended, length_ms, bytes, path, "
      "end_reason, end_key, policy, "
      "format, channels, sample_rate, owner, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?) ON CONFLICT (id) DO "
      "UPDATE SET ended = excluded.ended, length_ms = excluded.length_ms, bytes = excluded.bytes, path = "
      "excluded.path, end_reason "
      "= excluded.end_reason, end_key = excluded.end_key, extra = excluded.extra",
      {to_column(info.id), to_column(info.call), to_column(info.leg), to_column(info.room), recording.account,
       to_column(info.started), to_column(info.ended), static_cast<int64_t>(info.length.count()), info.bytes,
       info.path, kEnds.name(info.end), info.end_key == '\0' ? std::string() : std::string(1, info.end_key),
       kPolicies.name(info.spec.policy), kFormats.name(info.spec.format), info.spec.channels,
       info.spec.sample_rate, info.spec.owner, recording.extra}));
}

Result<RecordingRecord> find_recording(Connection& connection, call::RecordingId id) {
  auto found = records(connection.execute(std::string(kSelect) + " WHERE id = ?", {to_column(id)}));
  if (!found) return fail(found.error());
  if (found->empty()) return fail(ErrorCode::NotFound, "recording: not found");
  return std::move(found->front());
}

Result<void> erase_recording(Connection& connection, call::RecordingId id) {
  return changed_one(connection.execute("DELETE FROM recordings WHERE id = ?", {to_column(id)}), "recording");
}

Result<std::vector<RecordingRecord>> find_recordings(Connection& connection, const RecordingQuery& query) {
  std::string where = " WHERE 1 = 1";
  Values parameters;
  const auto add = [&](std::string_view test, Value value) {
    where += test;
    parameters.push_back(std::move(value));
  };
  if (!query.account.empty()) add(" AND account = ?", query.account);
  if (query.call) add(" AND call_id = ?", to_column(*query.call));
  if (query.started_from) add(" AND started >= ?", to_column(*query.started_from));
  if (query.started_until) add(" AND started < ?", to_column(*query.started_until));
  add(" ORDER BY started DESC, id DESC LIMIT ?",
      std::min<uint64_t>(query.count_max, base::limits::kStorePageMax));
  add(" OFFSET ?", query.offset);
  return records(connection.execute(std::string(kSelect) + where, parameters));
}

}  // namespace sotto::store
