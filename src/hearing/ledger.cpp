#include "hearing/ledger.h"

#include <algorithm>

#include "base/check.h"

namespace sotto::hearing {
namespace {

// Wall clocks are set back now and then: a row then ends where it began.
template <typename Row>
void close_row(Row& row, WallTime at, std::vector<Row>& out) {
  row.span.to = std::max(row.span.from, at);
  out.push_back(std::move(row));
}

template <typename Key, typename Row>
void close_one(std::map<Key, Row>& open, const Key& key, WallTime at, std::vector<Row>& out) {
  const auto found = open.find(key);
  if (found == open.end()) return;
  close_row(found->second, at, out);
  open.erase(found);
}

template <typename Key, typename Row>
void close_all(std::map<Key, Row>& open, WallTime at, std::vector<Row>& out) {
  for (auto& [key, row] : open) close_row(row, at, out);
}

// Closes what stood under `key` and opens `row` in its place.
template <typename Key, typename Row>
void replace(std::map<Key, Row>& open, const Key& key, Row row, std::vector<Row>& out) {
  close_one(open, key, row.span.from, out);
  out.push_back(row);
  open.insert_or_assign(key, std::move(row));
}

}  // namespace

Ledger::Rows Ledger::on_applied(const PlanDelta& delta, WallTime at, const Cause& cause) {
  RoomState& room = rooms_[delta.room];
  CHECK(delta.from == room.revision);
  room.revision = delta.to;
  const Span span{.room = delta.room, .revision = delta.to, .from = at, .to = std::nullopt, .cause = cause};
  Rows out;
  for (const LegId& leg : delta.members_gone) close_one(room.memberships, leg, at, out.memberships);
  for (const PromptId& prompt : delta.prompts_gone) close_one(room.prompts, prompt, at, out.prompts);
  for (const TapChannel& channel : delta.taps_gone) close_one(room.taps, channel, at, out.taps);
  for (const auto& key : delta.cells_gone) close_one(room.exceptions, key, at, out.exceptions);
  for (const PlanMember& member : delta.members_set) {
    replace(room.memberships, member.leg, MembershipRow{span, member}, out.memberships);
  }
  for (const PlanPrompt& prompt : delta.prompts_set) {
    replace(room.prompts, prompt.prompt, PromptRow{span, prompt}, out.prompts);
  }
  for (const TapRow& tap : delta.taps_set) {
    replace(room.taps, tap.channel, ListeningRow{span, tap}, out.taps);
  }
  for (const Cell& cell : delta.cells_set) {
    replace(room.exceptions, std::pair(cell.listener, cell.source), ExceptionRow{span, cell}, out.exceptions);
  }
  return out;
}

Ledger::Rows Ledger::on_closed(RoomId id, WallTime at) {
  Rows out;
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return out;
  RoomState& room = found->second;
  close_all(room.memberships, at, out.memberships);
  close_all(room.prompts, at, out.prompts);
  close_all(room.taps, at, out.taps);
  close_all(room.exceptions, at, out.exceptions);
  rooms_.erase(found);
  return out;
}

}  // namespace sotto::hearing
