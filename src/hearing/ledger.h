#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "hearing/plan.h"

// The audibility ledger: who could hear whom, from the turns that applied it. What is stored is O(1 +
// exceptions) rows a change; single cells are computed on reading.
namespace sotto::hearing {

using base::WallTime;

// Why a row began, for people: "bridge", "mute", "whisper", "hold", "prompt", "join", "leave", "recording".
using Cause = std::string;

// What each row says of its time. (room, revision, and what the row is about) is unique: the store's key, by
// which a row that comes back with `to` replaces the one that came without.
struct Span {
  RoomId room;
  uint64_t revision = 0;  // of the plan that opened the row
  WallTime from;
  std::optional<WallTime> to;  // absent while it lasts; never before `from`
  Cause cause;
  bool operator==(const Span&) const = default;
};

struct MembershipRow {
  Span span;
  PlanMember member;
  bool operator==(const MembershipRow&) const = default;
};

struct PromptRow {
  Span span;
  PlanPrompt prompt;
  bool operator==(const PromptRow&) const = default;
};

struct ListeningRow {  // one channel of a recording or another tap
  Span span;
  TapRow tap;
  bool operator==(const ListeningRow&) const = default;
};

struct ExceptionRow {
  Span span;
  Cell cell;
  bool operator==(const ExceptionRow&) const = default;
};

// Follows the plans of all rooms as they are applied and yields the rows to store. Control thread.
class Ledger {
 public:
  struct Rows {
    std::vector<MembershipRow> memberships;
    std::vector<PromptRow> prompts;
    std::vector<ListeningRow> taps;
    std::vector<ExceptionRow> exceptions;

    size_t size() const { return memberships.size() + prompts.size() + taps.size() + exceptions.size(); }
  };

  // `delta` took effect at `at`. Returns the rows that this closed or opened; closed ones carry `to`. CHECKs
  // that a room's deltas come in order and without a gap, the first from revision 0.
  Rows on_applied(const PlanDelta& delta, WallTime at, const Cause& cause);
  // The room is gone: closes what is open in it.
  Rows on_closed(RoomId room, WallTime at);

 private:
  // The rows that are open.
  struct RoomState {
    uint64_t revision = 0;
    std::map<LegId, MembershipRow> memberships;
    std::map<PromptId, PromptRow> prompts;
    std::map<TapChannel, ListeningRow> taps;
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
  Cause cause;  // of its beginning
  bool operator==(const Interval&) const = default;
};

// All cells with a gain above 0 in which one of `legs` hears or is heard, from the rows of every room they
// were in; other legs' rows and taps' serve as the other side. Of a row that is there twice, open and closed,
// give the closed one only. Gapless stretches of one gain are one interval, whatever room or fact they came
// from. Sorted by from, listener, source. O(legs * all others of their rooms).
std::vector<Interval> intervals(const Ledger::Rows& rows, const std::vector<LegId>& legs);

}  // namespace sotto::hearing
