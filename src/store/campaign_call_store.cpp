#include "store/campaign_call_store.h"

#include "base/limits.h"
#include "store/columns.h"
#include "store/multi_row.h"

namespace sotto::store {

Result<void> add_campaign_calls(Connection& connection, const std::vector<CampaignCall>& calls) {
  static const MultiRow insert{"INSERT INTO campaign_calls (call_id, started, campaign, caller, body)", 5,
                               ""};
  Values rows;
  rows.reserve(calls.size() * insert.columns);
  for (const CampaignCall& each : calls)
    add_row(rows, each.call, to_column(each.started), each.campaign, each.caller, each.body);
  return put_rows(connection, insert, rows);
}

Result<std::vector<CampaignCall>> find_campaign_calls(Connection& connection,
                                                      const CampaignCallQuery& query) {
  std::string sql = "SELECT call_id, started, campaign, caller, body FROM campaign_calls WHERE 1 = 1";
  Values values;
  if (query.from) {
    sql += " AND started >= ?";
    values.push_back(to_column(*query.from));
  }
  if (query.until) {
    sql += " AND started < ?";
    values.push_back(to_column(*query.until));
  }
  if (!query.call.empty()) {
    sql += " AND call_id = ?";
    values.push_back(query.call);
  }
  sql += " ORDER BY started, sequence LIMIT ?";
  values.push_back(base::limits::kReportCallsMax + 1);
  const auto rows = connection.execute(sql, values);
  if (!rows) return fail(rows.error());
  if (rows->size() > base::limits::kReportCallsMax) {
    return fail(ErrorCode::TooLarge, "there are more than " + std::to_string(base::limits::kReportCallsMax) +
                                         " calls in this period; ask for a shorter one");
  }
  std::vector<CampaignCall> calls;
  for (const Row& row : *rows) {
    calls.push_back({row[0].text(), time_of(row[1]), row[2].text(), row[3].text(), row[4].text()});
  }
  return calls;
}

Result<std::vector<std::pair<std::string, std::string>>> campaign_callers(Connection& connection) {
  const auto rows =
      connection.execute("SELECT DISTINCT campaign, caller FROM campaign_calls WHERE caller <> ''");
  if (!rows) return fail(rows.error());
  std::vector<std::pair<std::string, std::string>> callers;
  for (const Row& row : *rows) callers.emplace_back(row[0].text(), row[1].text());
  return callers;
}

}  // namespace sotto::store
