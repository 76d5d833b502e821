#include "store/journal.h"

#include "base/log.h"
#include "base/variant.h"

namespace sotto::store {
namespace {

void append(hearing::Ledger::Rows& to, const hearing::Ledger::Rows& from) {
  to.memberships.insert(to.memberships.end(), from.memberships.begin(), from.memberships.end());
  to.prompts.insert(to.prompts.end(), from.prompts.begin(), from.prompts.end());
  to.taps.insert(to.taps.end(), from.taps.begin(), from.taps.end());
  to.exceptions.insert(to.exceptions.end(), from.exceptions.begin(), from.exceptions.end());
}

}  // namespace

void Journal::on_event(const call::Event& event) {
  if (base::is_one_of<call::LegCreated, call::LegRinging, call::LegAnswered, call::LegMoved, call::LegEnded>(
          event.what)) {
    write_leg(event.leg);
  }
  if (const auto* applied = std::get_if<call::PlanApplied>(&event.what))
    return write_hearing(ledger_.on_applied(*applied->delta, event.wall, applied->cause));
  add_rows(1, [&](JournalRows& rows) { rows.events.push_back(event); });
  if (const auto* room = std::get_if<call::RoomEnded>(&event.what)) {
    write_hearing(ledger_.on_closed(room->room, event.wall));
  } else if (const auto* started = std::get_if<call::RecordingStarted>(&event.what)) {
    write_recording(started->recording);
  } else if (const auto* ended = std::get_if<call::RecordingEnded>(&event.what)) {
    write_recording(ended->recording);
  }
}

void Journal::add(call::LegId leg, base::WallTime at, std::string kind, std::string body) {
  add_rows(1, [&](JournalRows& rows) { rows.notes.push_back({leg, at, kind, body}); });
}

void Journal::add(CampaignCall call) {
  add_rows(1, [&](JournalRows& rows) { rows.campaign_calls.push_back(std::move(call)); });
}

template <typename Add>
void Journal::add_rows(size_t count, const Add& add) {
  if (waiting_ + count > rows_wait_max_) return lose(count, "too many rows wait to be written");
  if (batch_ == nullptr || !batch_->add(count, add)) {
    batch_ = std::make_shared<JournalBatch>();
    // Before it is in the queue, where the writer may take it at once.
    static_cast<void>(batch_->add(count, add));
    if (const auto queued = queue(batch_); !queued) {
      batch_ = nullptr;
      return lose(count, queued.error().detail);
    }
  }
  waiting_ += count;
}

// It waits in the store's queue, and takes rows until its turn.
Result<void> Journal::queue(std::shared_ptr<JournalBatch> batch) {
  return store_.write([batch](Connection& connection) { return batch->write(connection); },
                      [this, batch](const Result<void>& result) { on_written(*batch, result); },
                      Store::InTrouble::Wait);
}

void Journal::on_written(const JournalBatch& batch, const Result<void>& written) {
  waiting_ -= batch.added();
  if (!written) return lose(batch.added(), written.error().detail);
  lost_ += batch.left_out();
  if (std::exchange(losing_, false)) {
    base::log(base::LogLevel::Warning, "store", "calls are recorded again",
              {{"rows_lost", std::to_string(lost_)}});
  }
}

void Journal::lose(size_t rows, const std::string& why) {
  lost_ += rows;
  if (!std::exchange(losing_, true))
    base::log(base::LogLevel::Error, "store", "calls go on unrecorded", {{"why", why}});
}

void Journal::write_leg(call::LegId id) {
  const call::Leg* leg = switchboard_.leg(id);
  if (leg == nullptr) return;
  add_rows(1, [&](JournalRows& rows) { rows.put(*leg); });
}

void Journal::write_hearing(const hearing::Ledger::Rows& rows) {
  if (rows.size() == 0) return;
  add_rows(rows.size(), [&](JournalRows& out) { append(out.hearing, rows); });
}

void Journal::write_recording(const call::RecordingInfo& recording) {
  RecordingRecord record{recording, {}, "{}"};
  const auto legs = switchboard_.legs_of(recording.call);
  const call::Leg* leg =
      switchboard_.leg(recording.leg ? *recording.leg : (legs.empty() ? call::LegId{} : legs.front()));
  if (leg != nullptr) record.account = leg->origin.account;
  add_rows(1, [&](JournalRows& rows) { rows.recordings.insert_or_assign(record.info.id, record); });
}

}  // namespace sotto::store
