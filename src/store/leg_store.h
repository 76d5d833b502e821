#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "call/leg.h"
#include "store/connection.h"

// The legs of calls, live and past. Rows hold what a dialect needs to render a leg after the server was
// killed.
namespace sotto::store {

// What is stored of a leg: all but its facts of the moment (mute, hold), which the ledger tells better.
struct LegRecord {
  call::Leg leg;
  std::string extra = "{}";  // JSON that the leg's dialect owns: callbacks, formats
};

// Adds or replaces the leg; `extra` stays as it is.
Result<void> put_leg(Connection& connection, const call::Leg& leg);
// The same of several, each of which is there once.
Result<void> put_legs(Connection& connection, std::span<const call::Leg> legs);
// NotFound before the leg is there: see dialect::keep_leg_extra().
Result<void> put_leg_extra(Connection& connection, call::LegId leg, const std::string& extra);
Result<void> erase_leg(Connection& connection, call::LegId leg);

// Empty fields do not restrict.
struct LegQuery {
  std::string account;  // hex
  std::string application;
  std::string dialect;
  std::string extension;
  std::string from;  // the address's text
  std::string to;
  std::optional<call::CallId> call;
  std::optional<call::Direction> direction;
  std::optional<base::WallTime> created_from;   // inclusive
  std::optional<base::WallTime> created_until;  // exclusive
  bool live_only = false;
  bool oldest_first = false;
  uint64_t offset = 0;
  uint64_t count_max = 100;
};

Result<LegRecord> find_leg(Connection& connection, call::LegId leg);
Result<call::CallId> find_call_of(Connection& connection, call::LegId leg);  // NotFound without the leg
Result<std::vector<LegRecord>> find_legs(Connection& connection, const LegQuery& query);
Result<int64_t> count_legs(Connection& connection, const LegQuery& query);  // without offset and count_max

// On start: ends every leg that was left open, with ServerStopped, and returns them as they now are.
Result<std::vector<LegRecord>> close_open_legs(Connection& connection, base::WallTime now);

}  // namespace sotto::store
