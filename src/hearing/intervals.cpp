#include <algorithm>
#include <set>
#include <tuple>

#include "hearing/ledger.h"

namespace sotto::hearing {
namespace {

constexpr WallTime kOpenEnd = WallTime::max();

WallTime end_of(const Span& span) {
  return span.to.value_or(kOpenEnd);
}

// The rows of one room, by what they are about.
struct RoomRows {
  std::map<LegId, std::vector<const MembershipRow*>> legs;
  std::map<PromptId, std::vector<const PromptRow*>> prompts;
  std::map<TapChannel, std::vector<const ListeningRow*>> taps;
  std::map<std::pair<Listener, Source>, std::vector<const ExceptionRow*>> cells;
};

std::map<RoomId, RoomRows> by_room(const Ledger::Rows& rows) {
  std::map<RoomId, RoomRows> rooms;
  for (const MembershipRow& row : rows.memberships) {
    rooms[row.span.room].legs[row.member.leg].push_back(&row);
  }
  for (const PromptRow& row : rows.prompts) {
    rooms[row.span.room].prompts[row.prompt.prompt].push_back(&row);
  }
  for (const ListeningRow& row : rows.taps) rooms[row.span.room].taps[row.tap.channel].push_back(&row);
  for (const ExceptionRow& row : rows.exceptions) {
    rooms[row.span.room].cells[{row.cell.listener, row.cell.source}].push_back(&row);
  }
  return rooms;
}

template <typename Key, typename Row>
const std::vector<const Row*>& rows_of(const std::map<Key, std::vector<const Row*>>& rows, const Key& key) {
  static const std::vector<const Row*> none;
  const auto found = rows.find(key);
  return found == rows.end() ? none : found->second;
}

// A stretch of time in which one side of a cell is open, at a gain.
struct Stretch {
  WallTime from;
  WallTime to;
  float gain = 1.0F;
  const Span* why = nullptr;
};

std::vector<Stretch> open_stretches(const RoomRows& room, const Source& source) {
  std::vector<Stretch> out;
  if (const LegId* leg = std::get_if<LegId>(&source)) {
    for (const MembershipRow* row : rows_of(room.legs, *leg)) {
      if (row->member.open_source) out.push_back({row->span.from, end_of(row->span), 1.0F, &row->span});
    }
    return out;
  }
  for (const PromptRow* row : rows_of(room.prompts, std::get<PromptId>(source))) {
    if (!row->prompt.open_source) continue;
    out.push_back({row->span.from, end_of(row->span), row->prompt.gain, &row->span});
  }
  return out;
}

// One listener and one source in one room: adds their audible stretches to `out`.
class CellReader {
 public:
  CellReader(const RoomRows& room, Listener listener, Source source, std::vector<Interval>& out)
      : room_(room), listener_(std::move(listener)), source_(std::move(source)), out_(out) {}

  void read() {
    if (const LegId* leg = std::get_if<LegId>(&listener_)) {
      read_leg(*leg, nullptr);
      return;
    }
    read_exceptions(listener_, nullptr);
    for (const ListeningRow* row : rows_of(room_.taps, std::get<TapChannel>(listener_))) {
      if (row->tap.base == TapRow::Base::SameAsLeg) read_leg(row->tap.leg, &row->span);
      if (row->tap.base == TapRow::Base::OpenSum) read_default(listener_, row->span, nullptr);
    }
  }

 private:
  // `within`: the only time that counts; null: all.
  void read_leg(const LegId& leg, const Span* within) {
    read_exceptions(leg, within);
    if (source_ == Source(leg)) return;
    for (const MembershipRow* row : rows_of(room_.legs, leg)) {
      if (row->member.open_listener) read_default(leg, row->span, within);
    }
  }

  void read_exceptions(const Listener& listener, const Span* within) {
    for (const ExceptionRow* row : rows_of(room_.cells, std::pair(listener, source_))) {
      if (row->cell.gain <= 0) continue;
      add({row->span.from, end_of(row->span), row->cell.gain, &row->span}, within);
    }
  }

  // The default holds while both sides are open and no exception stands.
  void read_default(const Listener& listener, const Span& ear, const Span* within) {
    for (Stretch stretch : open_stretches(room_, source_)) {
      clip(stretch, ear);
      std::vector<Stretch> left{stretch};
      for (const ExceptionRow* row : rows_of(room_.cells, std::pair(listener, source_))) {
        left = without(left, row->span);
      }
      for (const Stretch& piece : left) add(piece, within);
    }
  }

  static void clip(Stretch& stretch, const Span& span) {
    if (span.from > stretch.from) stretch.why = &span;  // what came last began it
    stretch.from = std::max(stretch.from, span.from);
    stretch.to = std::min(stretch.to, end_of(span));
  }

  static std::vector<Stretch> without(const std::vector<Stretch>& stretches, const Span& hole) {
    std::vector<Stretch> left;
    for (const Stretch& stretch : stretches) {
      Stretch before = stretch;
      before.to = std::min(stretch.to, hole.from);
      Stretch after = stretch;
      if (end_of(hole) > after.from) {
        after.from = end_of(hole);
        after.why = &hole;
      }
      if (before.from < before.to) left.push_back(before);
      if (after.from < after.to) left.push_back(after);
    }
    return left;
  }

  void add(Stretch stretch, const Span* within) {
    if (within != nullptr) clip(stretch, *within);
    if (stretch.from >= stretch.to || stretch.gain <= 0) return;
    out_.push_back({.listener = listener_,
                    .source = source_,
                    .from = stretch.from,
                    .to = stretch.to == kOpenEnd ? std::nullopt : std::optional(stretch.to),
                    .gain = stretch.gain,
                    .cause = stretch.why->cause});
  }

  const RoomRows& room_;
  const Listener listener_;
  const Source source_;
  std::vector<Interval>& out_;
};

auto cell_order(const Interval& i) {
  return std::tie(i.listener, i.source, i.from);
}
auto time_order(const Interval& i) {
  return std::tie(i.from, i.listener, i.source);
}

// `sorted` by cell and time: joins what follows on itself at the same gain.
std::vector<Interval> joined(const std::vector<Interval>& sorted) {
  std::vector<Interval> out;
  for (const Interval& next : sorted) {
    const bool follows = !out.empty() && out.back().listener == next.listener &&
                         out.back().source == next.source && out.back().gain == next.gain && out.back().to &&
                         *out.back().to == next.from;
    if (follows) {
      out.back().to = next.to;
    } else {
      out.push_back(next);
    }
  }
  return out;
}

// Every cell of the room in which `leg` is one side.
void read_leg_cells(const RoomRows& room, const LegId& leg, std::set<std::pair<Listener, Source>>& done,
                    std::vector<Interval>& out) {
  const auto read = [&](const Listener& listener, const Source& source) {
    if (done.emplace(listener, source).second) CellReader(room, listener, source, out).read();
  };
  for (const auto& [other, rows] : room.legs) {
    read(leg, other);
    read(other, leg);
  }
  for (const auto& [prompt, rows] : room.prompts) read(leg, prompt);
  for (const auto& [channel, rows] : room.taps) read(channel, leg);
}

}  // namespace

std::vector<Interval> intervals(const Ledger::Rows& rows, const std::vector<LegId>& legs) {
  std::vector<Interval> found;
  for (const auto& [id, room] : by_room(rows)) {
    std::set<std::pair<Listener, Source>> done;
    for (const LegId& leg : legs) {
      if (room.legs.contains(leg)) read_leg_cells(room, leg, done, found);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Interval& a, const Interval& b) { return cell_order(a) < cell_order(b); });
  std::vector<Interval> out = joined(found);
  std::sort(out.begin(), out.end(),
            [](const Interval& a, const Interval& b) { return time_order(a) < time_order(b); });
  return out;
}

}  // namespace sotto::hearing
