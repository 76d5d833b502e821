#include "app/hearing_log.h"

#include <algorithm>

namespace sotto::app {
namespace {

// A row that is closed takes the place of its open self.
template <typename Row, typename Same>
void merge(std::vector<Row>& all, std::vector<Row> fresh, Same same) {
  for (Row& row : fresh) {
    const auto open = std::find_if(all.rbegin(), all.rend(), [&](const Row& each) {
      return !each.span.to && each.span.room == row.span.room && each.span.revision == row.span.revision &&
             same(each, row);
    });
    if (open != all.rend()) {
      *open = std::move(row);
    } else {
      all.push_back(std::move(row));
    }
  }
}

}  // namespace

void HearingLog::on_event(const call::Event& event) {
  if (const auto* applied = std::get_if<call::PlanApplied>(&event.what)) {
    keep(ledger_.on_applied(*applied->delta, event.wall, applied->cause));
  } else if (const auto* ended = std::get_if<call::RoomEnded>(&event.what)) {
    keep(ledger_.on_closed(ended->room, event.wall));
  }
}

void HearingLog::keep(hearing::Ledger::Rows rows) {
  merge(rows_.memberships, std::move(rows.memberships),
        [](const auto& a, const auto& b) { return a.member.leg == b.member.leg; });
  merge(rows_.prompts, std::move(rows.prompts),
        [](const auto& a, const auto& b) { return a.prompt.prompt == b.prompt.prompt; });
  merge(rows_.taps, std::move(rows.taps),
        [](const auto& a, const auto& b) { return a.tap.channel == b.tap.channel; });
  merge(rows_.exceptions, std::move(rows.exceptions), [](const auto& a, const auto& b) {
    return a.cell.listener == b.cell.listener && a.cell.source == b.cell.source;
  });
}

std::vector<hearing::Interval> HearingLog::intervals(const std::vector<call::LegId>& legs) const {
  return hearing::intervals(rows_, legs);
}

}  // namespace sotto::app
