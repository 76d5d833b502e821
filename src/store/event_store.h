#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "call/event.h"
#include "store/connection.h"

// The history of a call, for people and for tools.
namespace sotto::store {

struct EventRecord {
  int64_t sequence = 0;  // rising over restarts
  base::WallTime wall;
  call::CallId call;  // ids that are not valid(): none
  call::LegId leg;
  call::RoomId room;
  std::string kind;  // "leg_answered"
  std::string body;  // JSON object
};

// Nothing for events that other tables hold: PlanApplied (the ledger) and stream messages.
std::optional<EventRecord> event_record(const call::Event& event);

// Keeps those of one call together, in one row, in their order.
Result<void> add_events(Connection& connection, const std::vector<EventRecord>& events);
// Oldest first. Those that share a row have one sequence and come together, so there may be more than
// `count_max`.
Result<std::vector<EventRecord>> events_of_call(Connection& connection, call::CallId call,
                                                int64_t after_sequence, uint64_t count_max);

}  // namespace sotto::store
