#include "store/hearing_store.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "store/columns.h"
#include "store/multi_row.h"

namespace sotto::store {
namespace {

using hearing::Listener;
using hearing::Source;

constexpr std::string_view kLeg = "leg:";
constexpr std::string_view kPrompt = "prompt:";
constexpr std::string_view kTap = "tap:";

// "leg:<id>", "prompt:<id>", "tap:<id>/<channel>".
std::string source_text(const Source& source) {
  if (const auto* leg = std::get_if<hearing::LegId>(&source)) return std::string(kLeg) + to_column(*leg);
  return std::string(kPrompt) + to_column(std::get<hearing::PromptId>(source));
}

std::string listener_text(const Listener& listener) {
  if (const auto* leg = std::get_if<hearing::LegId>(&listener)) return std::string(kLeg) + to_column(*leg);
  const auto& channel = std::get<hearing::TapChannel>(listener);
  return std::string(kTap) + to_column(channel.tap) + "/" + std::to_string(channel.channel);
}

Source source_of(std::string_view text) {
  if (text.starts_with(kPrompt)) return id_of<hearing::PromptId>(text.substr(kPrompt.size()));
  return id_of<hearing::LegId>(text.substr(std::min(kLeg.size(), text.size())));
}

Listener listener_of(std::string_view text) {
  if (!text.starts_with(kTap)) return id_of<hearing::LegId>(text.substr(std::min(kLeg.size(), text.size())));
  const size_t slash = text.find('/');
  uint16_t channel = 0;
  if (slash != std::string_view::npos) {
    for (const char c : text.substr(slash + 1)) channel = static_cast<uint16_t>(channel * 10 + (c - '0'));
  }
  return hearing::TapChannel{id_of<hearing::TapId>(text.substr(kTap.size(), slash - kTap.size())), channel};
}

// All four kinds of rows share a table: what they have in common is what is asked for.
constexpr std::string_view kMember = "member";
constexpr std::string_view kPromptRow = "prompt";
constexpr std::string_view kTapRow = "tap";
constexpr std::string_view kCell = "cell";

const MultiRow kPut{
    "INSERT INTO hearing (room, revision, kind, subject, other, started, ended, cause, open_source, "
    "open_listener, base, gain)",
    12, "ON CONFLICT (room, revision, kind, subject, other) DO UPDATE SET ended = excluded.ended"};

// What a row is about, within its room and revision.
const hearing::LegId& key_of(const hearing::MembershipRow& row) {
  return row.member.leg;
}
const hearing::PromptId& key_of(const hearing::PromptRow& row) {
  return row.prompt.prompt;
}
const hearing::TapChannel& key_of(const hearing::ListeningRow& row) {
  return row.tap.channel;
}
auto key_of(const hearing::ExceptionRow& row) {
  return std::tie(row.cell.listener, row.cell.source);
}

// What kinds of rows do not share: the subject is the member, the prompt, the tap's channel or the cell's
// listener; the other is the leg whose row a tap has, or the cell's source.
struct Particulars {
  std::string_view kind;
  std::string subject;
  std::string other;
  bool open_source = false;
  bool open_listener = false;
  int64_t base = 0;
  double gain = 0;
};

Particulars particulars(const hearing::MembershipRow& row) {
  return {kMember, listener_text(row.member.leg), "", row.member.open_source, row.member.open_listener};
}
Particulars particulars(const hearing::PromptRow& row) {
  return {kPromptRow, source_text(row.prompt.prompt), "", row.prompt.open_source, false, 0, row.prompt.gain};
}
Particulars particulars(const hearing::ListeningRow& row) {
  return {kTapRow, listener_text(row.tap.channel),    to_column(row.tap.leg), false,
          false,   static_cast<int64_t>(row.tap.base)};
}
Particulars particulars(const hearing::ExceptionRow& row) {
  return {kCell,        listener_text(row.cell.listener), source_text(row.cell.source), false, false, 0,
          row.cell.gain};
}

// The last state of each, in the order of their keys.
template <typename Kind>
void add_last(const std::vector<Kind>& rows, Values& out) {
  const auto key = [](const Kind* row) {
    return std::tuple(row->span.room, row->span.revision, key_of(*row));
  };
  std::vector<const Kind*> order;
  order.reserve(rows.size());
  for (const Kind& each : rows) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [&](const Kind* a, const Kind* b) { return key(a) < key(b); });
  for (size_t i = 0; i < order.size(); ++i) {
    if (i + 1 < order.size() && key(order[i]) == key(order[i + 1])) continue;
    const hearing::Span& span = order[i]->span;
    Particulars its = particulars(*order[i]);
    add_row(out, to_column(span.room), span.revision, its.kind, std::move(its.subject), std::move(its.other),
            to_column(span.from), to_column(span.to), span.cause, its.open_source ? 1 : 0,
            its.open_listener ? 1 : 0, its.base, its.gain);
  }
}

void add(const Row& row, hearing::RoomId room, hearing::Ledger::Rows& out) {
  const hearing::Span span{room, static_cast<uint64_t>(row[0].integer()), time_of(row[4]),
                           time_or_none(row[5]), row[6].text()};
  const std::string& kind = row[1].text();
  const std::string& subject = row[2].text();
  const bool open_source = row[7].integer() != 0;
  const auto gain = static_cast<float>(row[10].real());
  if (kind == kMember) {
    const auto leg = id_of<hearing::LegId>(std::string_view(subject).substr(kLeg.size()));
    out.memberships.push_back({span, {leg, open_source, row[8].integer() != 0}});
  } else if (kind == kPromptRow) {
    const auto prompt = id_of<hearing::PromptId>(std::string_view(subject).substr(kPrompt.size()));
    out.prompts.push_back({span, {prompt, open_source, gain}});
  } else if (kind == kTapRow) {
    const Listener listener = listener_of(subject);
    const auto* channel = std::get_if<hearing::TapChannel>(&listener);
    if (channel == nullptr) return;
    out.taps.push_back({span,
                        {*channel, static_cast<hearing::TapRow::Base>(row[9].integer()),
                         id_of<hearing::LegId>(row[3].text())}});
  } else if (kind == kCell) {
    out.exceptions.push_back({span, {listener_of(subject), source_of(row[3].text()), gain}});
  }
}

Result<void> read_room(Connection& connection, const std::string& room, hearing::Ledger::Rows& out) {
  const auto rows = connection.execute(
      "SELECT revision, kind, subject, other, started, ended, cause, open_source, open_listener, base, gain "
      "FROM hearing WHERE room "
      "= ? ORDER BY revision, kind, subject, other",
      {room});
  if (!rows) return fail(rows.error());
  for (const Row& row : *rows) add(row, id_of<hearing::RoomId>(room), out);
  return {};
}

}  // namespace

Result<void> put_hearing(Connection& connection, const hearing::Ledger::Rows& rows) {
  Values last;
  last.reserve(rows.size() * kPut.columns);
  add_last(rows.memberships, last);
  add_last(rows.prompts, last);
  add_last(rows.taps, last);
  add_last(rows.exceptions, last);
  return put_rows(connection, kPut, last);
}

Result<hearing::Ledger::Rows> find_hearing(Connection& connection, const std::vector<hearing::LegId>& legs) {
  std::set<std::string> rooms;
  for (const hearing::LegId leg : legs) {
    // As the index of members has it.
    const auto found = connection.execute(
        "SELECT DISTINCT room FROM hearing WHERE subject = ? AND kind = 'member'", {listener_text(leg)});
    if (!found) return fail(found.error());
    for (const Row& row : *found) rooms.insert(row[0].text());
  }
  hearing::Ledger::Rows rows;
  for (const std::string& room : rooms) {
    if (const auto read = read_room(connection, room, rows); !read) return fail(read.error());
  }
  return rows;
}

Result<void> close_open_hearing(Connection& connection, base::WallTime now) {
  return changed(connection.execute("UPDATE hearing SET ended = ? WHERE ended IS NULL", {to_column(now)}));
}

}  // namespace sotto::store
