#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "hearing/plan.h"

// The audibility ledger: who could hear whom, from the turns that applied it. What is stored is O(1 +
// exceptions) rows a change; single cells are computed on reading.
namespace sotto::hearing {

using base::WallTime;

// Why a row began, for people: "bridge", "mute", "whisper", "hold", "prompt", "join", "leave", "recording".
using Cause = std::string;

struct MembershipRow {
  RoomId room;
  LegId leg;
  bool open_source = false;
  bool open_listener = false;
  WallTime from;
  std::optional<WallTime> to;  // absent while it lasts
  Cause cause;
};

struct ExceptionRow {
  RoomId room;
  Listener listener;
  Source source;
  float gain = 0;
  WallTime from;
  std::optional<WallTime> to;
  Cause cause;
};

// Follows the plans of all rooms as they are applied and yields the rows to store. Control thread.
class Ledger {
 public:
  struct Rows {
    std::vector<MembershipRow> memberships;
    std::vector<ExceptionRow> exceptions;
  };

  // `delta` took effect at `at`. Returns the rows that this closed or opened; closed ones carry `to`.
  Rows on_applied(const PlanDelta& delta, WallTime at, const Cause& cause);
  // The room is gone: closes what is open in it.
  Rows on_closed(RoomId room, WallTime at);

 private:
  struct RoomState {
    Plan plan;
    std::map<LegId, MembershipRow> memberships;
    std::map<std::pair<Listener, Source>, ExceptionRow> exceptions;
  };
  std::map<RoomId, RoomState> rooms_;
};

// One lane entry: `listener` could hear `source` at `gain` from `from` to `to`.
struct Interval {
  Listener listener;
  Source source;
  WallTime from;
  std::optional<WallTime> to;
  float gain = 1.0F;
  Cause cause;
};

// All cells with a gain above 0 of the given legs, from the rows of every room they were in. Sorted by from.
std::vector<Interval> intervals(const Ledger::Rows& rows, const std::vector<LegId>& legs);

}  // namespace sotto::hearing
