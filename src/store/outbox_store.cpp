#include "store/outbox_store.h"

#include "base/limits.h"
#include "store/columns.h"

namespace sotto::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT sequence, id, stream, account, call_id, dialect, method, url, headers, body, policy, state, "
    "attempts, created, "
    "next_try, last_error FROM outbox";
constexpr char kPending[] = "pending";
constexpr char kDead[] = "dead";

Delivery delivery_of(const Row& row) {
  return {row[0].integer(),  row[1].text(),    row[2].text(),    row[3].text(),
          row[4].text(),     row[5].text(),    row[6].text(),    row[7].text(),
          row[8].text(),     row[9].text(),    row[10].text(),   row[11].text() == kDead,
          row[12].integer(), time_of(row[13]), time_of(row[14]), row[15].text()};
}

Result<std::vector<Delivery>> deliveries(const Result<Rows>& rows) {
  if (!rows) return fail(rows.error());
  std::vector<Delivery> found;
  for (const Row& row : *rows) found.push_back(delivery_of(row));
  return found;
}

uint64_t page(uint64_t count_max) {
  return std::min<uint64_t>(count_max, base::limits::kStorePageMax);
}

}  // namespace

Result<void> add_delivery(Connection& connection, const Delivery& d) {
  return changed(connection.execute(
      "INSERT INTO outbox (id, stream, account, call_id, dialect, method, url, headers, body, policy, state, "
      "attempts, created, "
      "next_try, last_error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {d.id, d.stream, d.account, d.call, d.dialect, d.method, d.url, d.headers, d.body, d.policy,
       d.dead ? kDead : kPending, d.attempts, to_column(d.created), to_column(d.next_try), d.last_error}));
}

Result<void> erase_delivery(Connection& connection, const std::string& id) {
  return changed(connection.execute("DELETE FROM outbox WHERE id = ?", {id}));
}

Result<void> note_attempt(Connection& connection, const std::string& id, base::WallTime next_try,
                          const std::string& error) {
  return changed_one(
      connection.execute(
          "UPDATE outbox SET attempts = attempts + 1, next_try = ?, last_error = ? WHERE id = ?",
          {to_column(next_try), error, id}),
      "delivery");
}

Result<void> bury_delivery(Connection& connection, const std::string& id, const std::string& error) {
  return changed_one(
      connection.execute("UPDATE outbox SET state = ?, attempts = attempts + 1, last_error = ? WHERE id = ?",
                         {kDead, error, id}),
      "delivery");
}

Result<void> revive_delivery(Connection& connection, const std::string& id, base::WallTime now) {
  return changed_one(
      connection.execute("UPDATE outbox SET state = ?, attempts = 0, next_try = ? WHERE id = ? AND state = ?",
                         {kPending, to_column(now), id, kDead}),
      "dead letter");
}

Result<Delivery> find_delivery(Connection& connection, const std::string& id) {
  auto found = deliveries(connection.execute(std::string(kSelect) + " WHERE id = ?", {id}));
  if (!found) return fail(found.error());
  if (found->empty()) return fail(ErrorCode::NotFound, "delivery: not found");
  return std::move(found->front());
}

Result<std::vector<Delivery>> pending_deliveries(Connection& connection, int64_t after_sequence,
                                                 uint64_t count_max) {
  return deliveries(
      connection.execute(std::string(kSelect) + " WHERE state = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                         {kPending, after_sequence, page(count_max)}));
}

Result<std::vector<Delivery>> pending_of_stream(Connection& connection, const std::string& stream,
                                                uint64_t count_max) {
  return deliveries(
      connection.execute(std::string(kSelect) + " WHERE stream = ? AND state = ? ORDER BY sequence LIMIT ?",
                         {stream, kPending, page(count_max)}));
}

Result<std::vector<PendingStream>> pending_streams(Connection& connection, int64_t after_first,
                                                   uint64_t count_max) {
  const auto rows = connection.execute(
      "SELECT stream, MIN(sequence) AS first FROM outbox WHERE state = ? GROUP BY stream "
      "HAVING MIN(sequence) > ? ORDER BY first LIMIT ?",
      {kPending, after_first, page(count_max)});
  if (!rows) return fail(rows.error());
  std::vector<PendingStream> found;
  for (const Row& row : *rows) found.push_back({row[0].text(), row[1].integer()});
  return found;
}

Result<std::vector<Delivery>> dead_deliveries(Connection& connection, const std::string& account,
                                              uint64_t offset, uint64_t count_max) {
  const std::string_view owner = account.empty() ? "" : " AND account = ?";
  Values parameters{kDead};
  if (!account.empty()) parameters.emplace_back(account);
  parameters.emplace_back(page(count_max));
  parameters.emplace_back(offset);
  return deliveries(connection.execute(std::string(kSelect) + " WHERE state = ?" + std::string(owner) +
                                           " ORDER BY sequence DESC LIMIT ? OFFSET ?",
                                       parameters));
}

Result<std::vector<Delivery>> deliveries_of_call(Connection& connection, const std::string& call,
                                                 uint64_t count_max) {
  return deliveries(connection.execute(std::string(kSelect) + " WHERE call_id = ? ORDER BY sequence LIMIT ?",
                                       {call, page(count_max)}));
}

}  // namespace sotto::store
