#include "campaign/report.h"

#include <gtest/gtest.h>

#include "campaign/testing/zones.h"
#include "text/json.h"

namespace sotto::campaign {
namespace {

using namespace std::chrono;
using namespace testing;

base::WallTime utc(int y, unsigned m, unsigned d, int h, int min = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min);
}

CallRecord call_at(base::WallTime started, std::string number, std::string caller) {
  CallRecord record;
  record.started = started;
  record.number = std::move(number);
  record.campaign = record.number == "12025550101" ? "summer" : "winter";
  record.caller = std::move(caller);
  record.length = 30s;
  return record;
}

CallRecord answered(CallRecord record, std::string agent, seconds wait, seconds talk) {
  record.outcome = CallOutcome::Answered;
  record.agent = std::move(agent);
  record.time_to_accept = wait;
  record.talk = talk;
  return record;
}

// Five calls on Friday 27 and Monday 30 March 2026, around the change to summer time.
std::vector<CallRecord> five_calls() {
  std::vector<CallRecord> calls = {
      answered(call_at(utc(2026, 3, 27, 8, 30), "12025550101", "1"), "300", 10s, 60s),
      answered(call_at(utc(2026, 3, 27, 22, 59), "12025550101", "2"), "301", 20s, 120s),
      call_at(utc(2026, 3, 27, 23, 0), "12025550102", "1"),
      answered(call_at(utc(2026, 3, 30, 7, 30), "12025550102", "1"), "300", 40s, 30s),
      call_at(utc(2026, 3, 30, 7, 45), "12025550101", ""),
  };
  calls[0].first_time = calls[1].first_time = calls[2].first_time = true;
  calls[4].outcome = CallOutcome::AfterHours;
  return calls;
}

Report report_by(GroupBy by, const std::vector<CallRecord>& records = five_calls()) {
  ReportOptions options;
  options.by = by;
  options.zone = berlin();
  return make_report(records, options);
}

std::vector<std::pair<std::string, size_t>> keys_and_calls(const Report& report) {
  std::vector<std::pair<std::string, size_t>> found;
  for (const ReportRow& row : report.rows) found.emplace_back(row.key, row.figures.calls);
  return found;
}

TEST(Report, EachGroupingHasItsRows) {
  using Rows = std::vector<std::pair<std::string, size_t>>;
  EXPECT_EQ(keys_and_calls(report_by(GroupBy::Number)), (Rows{{"12025550101", 3}, {"12025550102", 2}}));
  EXPECT_EQ(keys_and_calls(report_by(GroupBy::Campaign)), (Rows{{"summer", 3}, {"winter", 2}}));
  EXPECT_EQ(keys_and_calls(report_by(GroupBy::Agent)), (Rows{{"-", 2}, {"300", 2}, {"301", 1}}));
  EXPECT_EQ(keys_and_calls(report_by(GroupBy::Hour)), (Rows{{"00:00", 1}, {"09:00", 3}, {"23:00", 1}}))
      << "9 o'clock in Berlin is 8 in UTC in winter, 7 in summer";
  EXPECT_EQ(keys_and_calls(report_by(GroupBy::Day)),
            (Rows{{"2026-03-27", 2}, {"2026-03-28", 1}, {"2026-03-30", 2}}));
}

TEST(Report, TotalsCountCallersOnceAndWithheldNumbersNever) {
  const Figures totals = report_by(GroupBy::Number).totals;
  EXPECT_EQ(totals.calls, 5u);
  EXPECT_EQ(totals.callers, 2u);
  EXPECT_EQ(totals.first_time, 3u);
  EXPECT_EQ(totals.of(CallOutcome::Answered), 3u);
  EXPECT_EQ(totals.of(CallOutcome::Missed), 1u);
  EXPECT_EQ(totals.of(CallOutcome::AfterHours), 1u);
  EXPECT_EQ(totals.talk_median, 60s);
  EXPECT_EQ(totals.wait_median, 25s) << "of 10, 20, 30 and 40: after hours nobody waits";
}

TEST(Report, FromIsInAndToIsOut) {
  ReportOptions options;
  options.from = utc(2026, 3, 27, 22, 59);
  options.to = utc(2026, 3, 30, 7, 30);
  EXPECT_EQ(make_report(five_calls(), options).totals.calls, 2u);
}

TEST(Report, TheMostPopularNumberOrNumbers) {
  const Report one = report_by(GroupBy::Campaign);
  EXPECT_EQ(one.most_popular, std::vector<std::string>{"12025550101"});
  EXPECT_NE(to_terminal(one).find("Most popular number: 12025550101, 3 calls\n"), std::string::npos);
  auto records = five_calls();
  records.pop_back();
  const Report tie = report_by(GroupBy::Campaign, records);
  EXPECT_EQ(tie.most_popular, (std::vector<std::string>{"12025550101", "12025550102"}));
  EXPECT_NE(to_terminal(tie).find("Most popular numbers: 12025550101, 12025550102, 2 calls each (a tie)\n"),
            std::string::npos);
}

TEST(Report, WithoutCallsThereAreZeroesAndNoMedians) {
  ReportOptions options;
  options.by = GroupBy::Number;
  const Report nothing = make_report({}, options);
  EXPECT_EQ(nothing.totals.calls, 0u);
  EXPECT_FALSE(nothing.totals.talk_median);
  EXPECT_TRUE(nothing.most_popular.empty());
  EXPECT_NE(to_terminal(nothing).find("No calls.\n"), std::string::npos);
  EXPECT_EQ(to_csv(nothing),
            "number,calls,callers,first_time,answered,missed,abandoned,declined,lost_in_whisper,after_hours,"
            "wait_median_s,talk_median_s\r\n");
  const auto json = text::parse_json(to_json(nothing));
  ASSERT_TRUE(json);
  EXPECT_TRUE((*json)["totals"]["talk_median_ms"].is_null());
  options.all_keys = {"12025550101"};
  EXPECT_EQ(make_report({}, options).rows.size(), 1u) << "an advert that nobody calls is a finding";
}

TEST(Report, TheHeatMapIsByLocalWeekdayAndHour) {
  const Report report = report_by(GroupBy::Day);
  EXPECT_EQ(report.heat[4][9], 1u);
  EXPECT_EQ(report.heat[4][23], 1u);
  EXPECT_EQ(report.heat[5][0], 1u);
  EXPECT_EQ(report.heat[0][9], 2u);
  const std::string text = to_terminal(report);
  EXPECT_NE(text.find("     00 01 02 "), std::string::npos);
  EXPECT_NE(text.find("Mon  ·· ·· ·· ·· ·· ·· ·· ·· ·· ██ ·· "), std::string::npos) << text;
  EXPECT_NE(text.find("Sat  ▒▒ ·· "), std::string::npos) << text;
  EXPECT_NE(text.find("██ up to 2"), std::string::npos) << text;
}

TEST(Report, CsvQuotesAndDisarms) {
  auto records = five_calls();
  records[0].agent = "=1+1";
  records[1].agent = "sip:\"a\",b@example.com";
  const std::string csv = to_csv(report_by(GroupBy::Agent, records));
  EXPECT_NE(csv.find("\r\n'=1+1,1,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\r\n\"sip:\"\"a\"\",b@example.com\",1,1,1,1,0,0,0,0,0,20.000,120.000\r\n"),
            std::string::npos)
      << csv;
}

TEST(Report, JsonHasWhatTheReportHas) {
  const auto json = text::parse_json(to_json(report_by(GroupBy::Campaign)));
  ASSERT_TRUE(json);
  EXPECT_EQ(*(*json)["totals"]["calls"].integer(), 5);
  EXPECT_EQ(*(*json)["rows"].array()->at(0)["campaign"].text(), "summer");
  EXPECT_EQ(*(*json)["most_popular"]["tie"].boolean(), false);
  EXPECT_EQ(*(*json)["heat_map"]["Mon"].array()->at(9).integer(), 2);
}

TEST(Report, AnUnknownGroupingListsWhatThereIs) {
  EXPECT_EQ(*parse_group_by("agent"), GroupBy::Agent);
  EXPECT_EQ(parse_group_by("week").error().detail,
            "by: \"week\" is none of number, campaign, agent, hour, day");
}

}  // namespace
}  // namespace sotto::campaign
