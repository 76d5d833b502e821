#include "store/journal_batch.h"

#include "base/log.h"
#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/leg_store.h"

namespace sotto::store {
namespace {

// Writes the parts of one batch; text that no database takes costs its own row.
class Writing {
 public:
  size_t left_out() const { return left_out_; }

  // All at once, or if one of them is Invalid, which touches nothing, each on its own.
  template <typename Row, typename Put>
  Result<void> put_each(const std::vector<Row>& rows, const Put& put) {
    Result<void> done = put(rows);
    if (done || done.error().code != ErrorCode::Invalid) return done;
    for (const Row& row : rows) {
      if (done = put(std::vector<Row>{row}); !done && !leave_out(done.error())) return done;
    }
    return {};
  }

 private:
  bool leave_out(const Error& error) {
    if (error.code != ErrorCode::Invalid) return false;
    ++left_out_;
    base::log(base::LogLevel::Error, "store", "a row of the journal is left out", {{"why", error.detail}});
    return true;
  }

  size_t left_out_ = 0;
};

Result<void> write_legs(Connection& connection, const JournalRows& rows, Writing& writing) {
  return writing.put_each(rows.legs,
                          [&](const std::vector<call::Leg>& some) { return put_legs(connection, some); });
}

Result<call::CallId> call_of(Connection& connection, const JournalRows& rows, call::LegId leg) {
  const auto known = rows.leg_at.find(leg);
  if (known != rows.leg_at.end()) return rows.legs[known->second].call;
  return find_call_of(connection, leg);
}

Result<void> write_events(Connection& connection, const JournalRows& rows, Writing& writing) {
  std::vector<EventRecord> records;
  records.reserve(rows.events.size() + rows.notes.size());
  for (const call::Event& each : rows.events) {
    if (auto record = event_record(each)) records.push_back(std::move(*record));
  }
  for (const JournalRows::Note& note : rows.notes) {
    const auto call = call_of(connection, rows, note.leg);
    if (!call && call.error().code == ErrorCode::NotFound) continue;  // erased meanwhile
    if (!call) return fail(call.error());
    records.push_back(
        {.wall = note.at, .call = *call, .leg = note.leg, .room = {}, .kind = note.kind, .body = note.body});
  }
  return writing.put_each(records,
                          [&](const std::vector<EventRecord>& some) { return add_events(connection, some); });
}

Result<void> write_recordings(Connection& connection, const JournalRows& rows, Writing& writing) {
  std::vector<RecordingRecord> records;
  for (const auto& [id, record] : rows.recordings) records.push_back(record);
  return writing.put_each(records, [&](const std::vector<RecordingRecord>& some) -> Result<void> {
    for (const RecordingRecord& each : some) {
      if (const auto put = put_recording(connection, each); !put) return put;
    }
    return {};
  });
}

}  // namespace

Result<void> JournalBatch::write(Connection& connection) {
  {
    const std::lock_guard lock(mutex_);
    taken_ = true;
  }
  Writing writing;
  Result<void> done = write_legs(connection, rows_, writing);
  if (done) done = write_events(connection, rows_, writing);
  if (done) done = put_hearing(connection, rows_.hearing);
  if (done) done = write_recordings(connection, rows_, writing);
  if (done) {
    done = writing.put_each(rows_.campaign_calls, [&](const std::vector<CampaignCall>& some) {
      return add_campaign_calls(connection, some);
    });
  }
  left_out_ = writing.left_out();
  return done;
}

}  // namespace sotto::store
