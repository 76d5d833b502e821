#include "campaign/report.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "campaign/hours.h"

namespace sotto::campaign {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGroups[] = {"number", "campaign", "agent", "hour", "day"};

struct LocalHour {
  std::chrono::local_days day;
  unsigned hour = 0;
};

LocalHour local_hour(const CallRecord& record, const TimeZone& zone) {
  const auto local = zone.to_local(std::chrono::floor<std::chrono::seconds>(record.started));
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto hour = std::chrono::floor<std::chrono::hours>(local - day).count();
  return {day, static_cast<unsigned>(hour)};
}

std::string key_of(const CallRecord& record, GroupBy by, const TimeZone& zone) {
  switch (by) {
    case GroupBy::Number: return record.number;
    case GroupBy::Campaign: return record.campaign;
    case GroupBy::Agent: return record.agent.empty() ? "-" : record.agent;
    case GroupBy::Hour: return fmt::format("{:02}:00", local_hour(record, zone).hour);
    case GroupBy::Day: break;
  }
  return to_text(std::chrono::year_month_day(local_hour(record, zone).day));
}

// Of an even number, the mean of the two in the middle.
std::optional<milliseconds> median(std::vector<milliseconds> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

// Collects the calls of one row.
class Tally {
 public:
  void add(const CallRecord& record) {
    ++figures_.calls;
    figures_.first_time += record.first_time ? 1 : 0;
    ++figures_.outcomes[static_cast<size_t>(record.outcome)];
    if (!record.caller.empty()) callers_.insert(record.caller);
    if (record.outcome == CallOutcome::Answered) talks_.push_back(record.talk);
    if (record.outcome != CallOutcome::AfterHours) waits_.push_back(record.wait());
  }
  Figures figures() const {
    Figures figures = figures_;
    figures.callers = callers_.size();
    figures.talk_median = median(talks_);
    figures.wait_median = median(waits_);
    return figures;
  }

 private:
  Figures figures_;
  std::set<std::string_view> callers_;  // into the records
  std::vector<milliseconds> talks_;
  std::vector<milliseconds> waits_;
};

bool is_wanted(const CallRecord& record, const ReportOptions& options) {
  return (!options.from || record.started >= *options.from) && (!options.to || record.started < *options.to);
}

void find_most_popular(Report& report, const std::map<std::string, size_t>& calls_by_number) {
  for (const auto& [number, calls] : calls_by_number) {
    if (calls < report.most_popular_calls) continue;
    if (calls > report.most_popular_calls) report.most_popular.clear();
    report.most_popular_calls = calls;
    report.most_popular.push_back(number);
  }
}

}  // namespace

std::string_view to_string(GroupBy by) {
  return kGroups[static_cast<size_t>(by)];
}

Result<GroupBy> parse_group_by(std::string_view text) {
  for (size_t i = 0; i < std::size(kGroups); ++i) {
    if (kGroups[i] == text) return static_cast<GroupBy>(i);
  }
  return fail(ErrorCode::Invalid,
              fmt::format("by: \"{}\" is none of number, campaign, agent, hour, day", text));
}

Report make_report(std::span<const CallRecord> records, const ReportOptions& options) {
  Report report;
  report.by = options.by;
  report.zone = options.zone.name();
  Tally totals;
  std::map<std::string, Tally> rows;
  std::map<std::string, size_t> calls_by_number;
  for (const std::string& key : options.all_keys) rows[key];
  for (const CallRecord& record : records) {
    if (!is_wanted(record, options)) continue;
    totals.add(record);
    rows[key_of(record, options.by, options.zone)].add(record);
    ++calls_by_number[record.number];
    const LocalHour at = local_hour(record, options.zone);
    ++report.heat[std::chrono::weekday(at.day).iso_encoding() - 1][at.hour];
  }
  report.totals = totals.figures();
  for (const auto& [key, tally] : rows) report.rows.push_back({key, tally.figures()});
  if (options.by != GroupBy::Hour && options.by != GroupBy::Day) {
    std::stable_sort(report.rows.begin(), report.rows.end(),
                     [](const ReportRow& left, const ReportRow& right) {
                       return left.figures.calls > right.figures.calls;
                     });
  }
  find_most_popular(report, calls_by_number);
  return report;
}

}  // namespace sotto::campaign
