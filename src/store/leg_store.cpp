#include "store/leg_store.h"

#include "base/limits.h"
#include "store/columns.h"
#include "store/multi_row.h"
#include "text/json.h"

namespace sotto::store {
namespace {

using base::Address;
using call::EndCause;
using call::EndedBy;
using call::Leg;

constexpr EnumNames<call::Direction, 2> kDirections{{"inbound", "outbound"}};
constexpr EnumNames<call::Medium, 3> kMedia{{"sip", "websocket", "loop"}};
constexpr EnumNames<call::LegState, 5> kStates{{"offered", "dialing", "ringing", "answered", "ended"}};
constexpr EnumNames<Address::Kind, 7> kAddressKinds{
    {"number", "phone", "user", "sip", "websocket", "application", "anonymous"}};

constexpr std::string_view kColumns =
    "id, call_id, direction, medium, state, from_kind, from_text, from_name, to_kind, to_text, to_name, "
    "account, application, "
    "dialect, extension, room, carrier, forwarded_from, sip_call_id, headers, created, ringing, answered, "
    "ended, end_cause, "
    "ended_by, sip_code, end_detail, extra";

template <typename Enum>
Enum named(std::string_view name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return Enum{};
}

std::string headers_text(const base::HeaderFields& headers) {
  text::JsonArray pairs;
  for (const auto& [name, value] : headers) pairs.emplace_back(text::JsonArray{name, value});
  return to_text(text::Json(std::move(pairs)));
}

base::HeaderFields headers_of(const std::string& stored) {
  base::HeaderFields headers;
  const auto json = text::parse_json(stored);
  if (!json || json->array() == nullptr) return headers;
  for (const text::Json& pair : *json->array()) {
    const text::JsonArray* parts = pair.array();
    if (parts == nullptr || parts->size() != 2) continue;
    const std::string* name = (*parts)[0].text();
    const std::string* value = (*parts)[1].text();
    if (name != nullptr && value != nullptr) headers.emplace(*name, *value);
  }
  return headers;
}

void add_row_of(const Leg& leg, Values& rows) {
  const bool over = leg.end.has_value();
  add_row(rows, to_column(leg.id), to_column(leg.call), kDirections.name(leg.direction),
          kMedia.name(leg.medium), kStates.name(leg.state), kAddressKinds.name(leg.from.kind), leg.from.text,
          leg.from.display_name, kAddressKinds.name(leg.to.kind), leg.to.text, leg.to.display_name,
          leg.origin.account, leg.origin.application, leg.origin.dialect, leg.origin.extension,
          to_column(leg.room), to_column(leg.carrier), leg.forwarded_from, leg.sip_call_id,
          headers_text(leg.headers), to_column(leg.created), to_column(leg.ringing_at),
          to_column(leg.answered_at), to_column(leg.ended_at),
          over ? Value(to_string(leg.end->cause)) : Value(), over ? Value(to_string(leg.end->by)) : Value(),
          over ? Value(leg.end->sip_code) : Value(), over ? Value(leg.end->detail) : Value(), "{}");
}

Address address_of(const Row& row, size_t first) {
  return {kAddressKinds.value(row[first].text()), row[first + 1].text(), row[first + 2].text()};
}

LegRecord record_of(const Row& row) {
  LegRecord record;
  Leg& leg = record.leg;
  leg.id = id_of<call::LegId>(row[0].text());
  leg.call = id_of<call::CallId>(row[1].text());
  leg.direction = kDirections.value(row[2].text());
  leg.medium = kMedia.value(row[3].text());
  leg.state = kStates.value(row[4].text());
  leg.from = address_of(row, 5);
  leg.to = address_of(row, 8);
  leg.origin = {row[11].text(), row[12].text(), row[13].text(), row[14].text()};
  leg.room = id_of<call::RoomId>(row[15].text());
  leg.carrier = id_or_none<call::LegId>(row[16]);
  leg.forwarded_from = row[17].text();
  leg.sip_call_id = row[18].text();
  leg.headers = headers_of(row[19].text());
  leg.created = time_of(row[20]);
  leg.ringing_at = time_or_none(row[21]);
  leg.answered_at = time_or_none(row[22]);
  leg.ended_at = time_or_none(row[23]);
  if (!row[24].is_null()) {
    leg.end = call::EndReason{named(row[24].text(), EndCause::ServerStopped),
                              named(row[25].text(), EndedBy::Platform), static_cast<int>(row[26].integer()),
                              row[27].text()};
  }
  record.extra = row[28].text();
  return record;
}

Result<std::vector<LegRecord>> records(const Result<Rows>& rows) {
  if (!rows) return fail(rows.error());
  std::vector<LegRecord> found;
  for (const Row& row : *rows) found.push_back(record_of(row));
  return found;
}

// A WHERE clause and its parameters.
struct Condition {
  std::string sql = " WHERE 1 = 1";
  Values parameters;

  void add(std::string_view test, Value parameter) {
    sql += " AND " + std::string(test);
    parameters.push_back(std::move(parameter));
  }
  void add_text(std::string_view test, const std::string& wanted) {
    if (!wanted.empty()) add(test, wanted);
  }
};

Condition condition_of(const LegQuery& query) {
  Condition condition;
  condition.add_text("account = ?", query.account);
  condition.add_text("application = ?", query.application);
  condition.add_text("dialect = ?", query.dialect);
  condition.add_text("extension = ?", query.extension);
  condition.add_text("from_text = ?", query.from);
  condition.add_text("to_text = ?", query.to);
  if (query.call) condition.add("call_id = ?", to_column(*query.call));
  if (query.direction) condition.add("direction = ?", kDirections.name(*query.direction));
  if (query.created_from) condition.add("created >= ?", to_column(*query.created_from));
  if (query.created_until) condition.add("created < ?", to_column(*query.created_until));
  if (query.live_only) condition.sql += " AND ended IS NULL";
  return condition;
}

}  // namespace

Result<void> put_leg(Connection& connection, const Leg& leg) {
  return put_legs(connection, std::span(&leg, 1));
}

Result<void> put_legs(Connection& connection, std::span<const Leg> legs) {
  static const MultiRow legs_upsert{
      "INSERT INTO legs (" + std::string(kColumns) + ")", 29,
      "ON CONFLICT (id) DO UPDATE "
      "SET call_id = excluded.call_id, state = excluded.state, from_kind = excluded.from_kind, from_text = "
      "excluded.from_text, "
      "from_name = excluded.from_name, to_kind = excluded.to_kind, to_text = excluded.to_text, to_name = "
      "excluded.to_name, "
      "account = excluded.account, application = excluded.application, dialect = excluded.dialect, extension "
      "= "
      "excluded.extension, room = excluded.room, carrier = excluded.carrier, sip_call_id = "
      "excluded.sip_call_id, ringing = "
      "excluded.ringing, answered = excluded.answered, ended = excluded.ended, end_cause = "
      "excluded.end_cause, ended_by = "
      "excluded.ended_by, sip_code = excluded.sip_code, end_detail = excluded.end_detail"};
  Values rows;
  rows.reserve(legs.size() * legs_upsert.columns);
  for (const Leg& leg : legs) add_row_of(leg, rows);
  return put_rows(connection, legs_upsert, rows);
}

Result<void> put_leg_extra(Connection& connection, call::LegId leg, const std::string& extra) {
  return changed_one(connection.execute("UPDATE legs SET extra = ? WHERE id = ?", {extra, to_column(leg)}),
                     "leg");
}

Result<void> erase_leg(Connection& connection, call::LegId leg) {
  return changed_one(connection.execute("DELETE FROM legs WHERE id = ?", {to_column(leg)}), "leg");
}

Result<LegRecord> find_leg(Connection& connection, call::LegId leg) {
  static const std::string select = "SELECT " + std::string(kColumns) + " FROM legs WHERE id = ?";
  auto found = records(connection.execute(select, {to_column(leg)}));
  if (!found) return fail(found.error());
  if (found->empty()) return fail(ErrorCode::NotFound, "leg: not found");
  return std::move(found->front());
}

Result<call::CallId> find_call_of(Connection& connection, call::LegId leg) {
  const auto rows = connection.execute("SELECT call_id FROM legs WHERE id = ?", {to_column(leg)});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::NotFound, "leg: not found");
  return id_of<call::CallId>((*rows)[0][0].text());
}

Result<std::vector<LegRecord>> find_legs(Connection& connection, const LegQuery& query) {
  Condition condition = condition_of(query);
  const std::string order = query.oldest_first ? " ORDER BY created, id" : " ORDER BY created DESC, id DESC";
  condition.parameters.emplace_back(std::min<uint64_t>(query.count_max, base::limits::kStorePageMax));
  condition.parameters.emplace_back(query.offset);
  return records(connection.execute(
      "SELECT " + std::string(kColumns) + " FROM legs" + condition.sql + order + " LIMIT ? OFFSET ?",
      condition.parameters));
}

Result<int64_t> count_legs(Connection& connection, const LegQuery& query) {
  const Condition condition = condition_of(query);
  const auto rows = connection.execute("SELECT COUNT(*) FROM legs" + condition.sql, condition.parameters);
  if (!rows) return fail(rows.error());
  return (*rows)[0][0].integer();
}

Result<std::vector<LegRecord>> close_open_legs(Connection& connection, base::WallTime now) {
  auto open = records(connection.execute("SELECT " + std::string(kColumns) +
                                         " FROM legs WHERE ended IS NULL ORDER BY created, id"));
  if (!open) return open;
  for (LegRecord& record : *open) {
    record.leg.state = call::LegState::Ended;
    record.leg.ended_at = now;
    record.leg.end =
        call::EndReason{EndCause::ServerStopped, EndedBy::Platform, 0, "found open when the server started"};
    if (const auto put = put_leg(connection, record.leg); !put) return fail(put.error());
  }
  return open;
}

}  // namespace sotto::store
