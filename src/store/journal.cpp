#include "store/journal.h"

#include "base/log.h"
#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/leg_store.h"
#include "store/recording_store.h"

namespace sotto::store {
namespace {

template <typename... Kinds>
bool is_one_of(const call::What& what) {
  return (std::holds_alternative<Kinds>(what) || ...);
}

}  // namespace

void Journal::on_event(const call::Event& event) {
  if (is_one_of<call::LegCreated, call::LegRinging, call::LegAnswered, call::LegMoved, call::LegEnded>(
          event.what)) {
    write_leg(event.leg);
  }
  write_history(event);
  if (const auto* applied = std::get_if<call::PlanApplied>(&event.what)) {
    write_hearing(ledger_.on_applied(*applied->delta, event.wall, applied->cause));
  } else if (const auto* room = std::get_if<call::RoomEnded>(&event.what)) {
    write_hearing(ledger_.on_closed(room->room, event.wall));
  } else if (const auto* started = std::get_if<call::RecordingStarted>(&event.what)) {
    write_recording(started->recording);
  } else if (const auto* ended = std::get_if<call::RecordingEnded>(&event.what)) {
    write_recording(ended->recording);
  } else if (std::holds_alternative<call::CallEnded>(event.what)) {
    write([call = event.call, at = event.wall](Connection& connection) {
      return end_call(connection, call, at);
    });
  }
}

void Journal::add(call::LegId leg, base::WallTime at, std::string kind, std::string body) {
  write([leg, at, kind = std::move(kind), body = std::move(body)](Connection& connection) -> Result<void> {
    const auto known = find_leg(connection, leg);
    if (!known) return fail(known.error());
    return add_event(connection, {.wall = at,
                                  .call = base::to_hex(known->leg.call),
                                  .leg = base::to_hex(leg),
                                  .room = {},
                                  .kind = kind,
                                  .body = body});
  });
}

void Journal::write(Store::Change change) {
  const auto written = store_.write(std::move(change), [this](Result<void> done) { lost_ += done ? 0 : 1; });
  if (written) return;
  if (lost_++ == 0) {
    base::log(base::LogLevel::Error, "store", "calls go on unrecorded", {{"why", written.error().detail}});
  }
}

void Journal::write_leg(call::LegId id) {
  const call::Leg* leg = switchboard_.leg(id);
  if (leg == nullptr) return;
  write([leg = *leg](Connection& connection) { return put_leg(connection, leg); });
}

void Journal::write_history(const call::Event& event) {
  auto record = event_record(event);
  if (!record) return;
  write([record = std::move(*record)](Connection& connection) { return add_event(connection, record); });
}

void Journal::write_hearing(hearing::Ledger::Rows rows) {
  if (rows.size() == 0) return;
  write([rows = std::move(rows)](Connection& connection) { return put_hearing(connection, rows); });
}

void Journal::write_recording(const call::RecordingInfo& recording) {
  RecordingRecord record{recording, {}, "{}"};
  const auto legs = switchboard_.legs_of(recording.call);
  const call::Leg* leg =
      switchboard_.leg(recording.leg ? *recording.leg : (legs.empty() ? call::LegId{} : legs.front()));
  if (leg != nullptr) record.account = leg->origin.account;
  write([record = std::move(record)](Connection& connection) { return put_recording(connection, record); });
}

}  // namespace sotto::store
