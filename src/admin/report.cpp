#include "campaign/report.h"

#include <fstream>
#include <set>

#include "admin/json.h"
#include "admin/resources.h"
#include "admin/zones.h"
#include "campaign/campaign_json.h"
#include "dialect/host/await.h"
#include "store/campaign_call_store.h"

namespace sotto::admin {
namespace {

using Records = std::vector<campaign::CallRecord>;

Result<campaign::ReportOptions> options_of(const text::Parameters& query) {
  campaign::ReportOptions options;
  if (const std::string by = parameter(query, "by"); !by.empty()) {
    const auto parsed = campaign::parse_group_by(by);
    if (!parsed) return fail(parsed.error());
    options.by = *parsed;
  }
  const auto from = time_parameter(query, "from");
  if (!from) return fail(from.error());
  const auto to = time_parameter(query, "to");
  if (!to) return fail(to.error());
  options.from = *from;
  options.to = *to;
  if (const std::string name = parameter(query, "zone"); !name.empty()) {
    auto zone = load_zone(name);
    if (!zone) return fail(zone.error());
    options.zone = std::move(*zone);
  }
  return options;
}

// Numbers and campaigns without a call have a row, too.
void add_keys(const CampaignBook& book, campaign::ReportOptions& options) {
  for (const CampaignBook::Entry& each : book.all()) {
    if (options.by == campaign::GroupBy::Campaign) options.all_keys.push_back(each.campaign->name);
    if (options.by != campaign::GroupBy::Number) continue;
    for (const std::string& number : each.campaign->numbers) options.all_keys.push_back(number);
  }
}

Result<Records> read_records(store::Connection& connection, const store::CampaignCallQuery& query) {
  const auto rows = store::find_campaign_calls(connection, query);
  if (!rows) return fail(rows.error());
  Records records;
  for (const store::CampaignCall& row : *rows) {
    const auto json = text::parse_json(row.body);
    if (json) records.push_back(campaign::record_from_json(*json));
  }
  return records;
}

}  // namespace

Answer show_report(Context context, http::Request request) {
  const auto query = request.query();
  if (!query) co_return fail(query.error());
  auto options = options_of(*query);
  if (!options) co_return fail(options.error());
  add_keys(context.campaigns, *options);
  const std::string format = parameter(*query, "format");
  if (!format.empty() && format != "json" && format != "csv" && format != "text") {
    co_return fail(ErrorCode::Invalid, "format: found \"" + format + "\"; allowed is json, csv or text");
  }
  std::function<Result<Records>(store::Connection&)> read =
      [wanted = store::CampaignCallQuery{options->from, options->to, {}}](store::Connection& connection) {
        return read_records(connection, wanted);
      };
  const Result<Records> records = co_await dialect::read<Records>(context.services, std::move(read));
  if (!records) co_return fail(records.error());
  const campaign::Report report = campaign::make_report(*records, *options);
  if (format == "csv")
    co_return http::Response::with(200, "text/csv; charset=utf-8", campaign::to_csv(report));
  if (format == "text") co_return http::Response::text(200, campaign::to_terminal(report));
  co_return http::Response::json(200, campaign::to_json(report));
}

}  // namespace sotto::admin
