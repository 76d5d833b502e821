#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "campaign/record.h"
#include "campaign/tzif.h"

// What the calls of campaigns come to, from their records.
namespace sotto::campaign {

enum class GroupBy { Number, Campaign, Agent, Hour, Day };
std::string_view to_string(GroupBy by);
Result<GroupBy> parse_group_by(std::string_view text);  // the error lists what there is

struct ReportOptions {
  GroupBy by = GroupBy::Campaign;
  std::optional<base::WallTime> from;  // inclusive
  std::optional<base::WallTime> to;    // exclusive
  TimeZone zone = TimeZone::utc();     // of hours and days
  std::vector<std::string> all_keys;   // rows that are there without a call, too: every number
};

struct Figures {
  size_t calls = 0;
  size_t callers = 0;     // different ones; withheld numbers are no one's
  size_t first_time = 0;  // calls by who never called the campaign before
  std::array<size_t, kCallOutcomes> outcomes{};
  std::optional<std::chrono::milliseconds> talk_median;  // of answered calls
  std::optional<std::chrono::milliseconds> wait_median;  // of all calls but those after hours

  size_t of(CallOutcome outcome) const { return outcomes[static_cast<size_t>(outcome)]; }
};

struct ReportRow {
  std::string key;  // "12025550101", "summer", "300", "09:00", "2026-03-29"; of no agent: "-"
  Figures figures;
};

// By weekday, Monday first, and hour of the day, local.
using HeatMap = std::array<std::array<size_t, 24>, 7>;

struct Report {
  GroupBy by = GroupBy::Campaign;
  std::string zone;
  Figures totals;
  std::vector<ReportRow> rows;            // hours and days in order, others with most calls first
  std::vector<std::string> most_popular;  // numbers; several: a tie; none: no calls
  size_t most_popular_calls = 0;
  HeatMap heat{};
};

Report make_report(std::span<const CallRecord> records, const ReportOptions& options);

// For a terminal, with the heat map; for a spreadsheet (RFC 4180); for programs.
std::string to_terminal(const Report& report);
std::string to_csv(const Report& report);
std::string to_json(const Report& report);

}  // namespace sotto::campaign
