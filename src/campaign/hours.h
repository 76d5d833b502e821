#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "campaign/tzif.h"

// When a campaign takes calls.
namespace sotto::campaign {

// Local wall-clock time of one weekday. `to` is exclusive; one that is not after `from` is on the next day.
struct OpenSpan {
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};

  bool operator==(const OpenSpan&) const = default;
};

using OpeningWeek = std::array<std::vector<OpenSpan>, 7>;  // Sunday first, as std::chrono counts

struct OpeningHours {
  std::string time_zone;                              // IANA name: "Europe/Berlin"
  OpeningWeek week;                                   // all empty: open on every day, all day
  std::vector<std::chrono::year_month_day> holidays;  // closed from midnight to midnight

  bool operator==(const OpeningHours&) const = default;
};

// "Mon-Fri 09:00-17:30, Sat 10:00-14:00, Sun 22:00-02:00". Several spans a day: name the day again.
Result<OpeningWeek> parse_opening_week(std::string_view text);
std::string to_text(const OpeningWeek& week);
// "2026-12-25"
Result<std::chrono::year_month_day> parse_date(std::string_view text);
std::string to_text(const std::chrono::year_month_day& date);

Result<void> validate(const OpeningHours& hours);

// A span that began before midnight of a holiday's eve ends at that midnight.
bool is_open(const OpeningHours& hours, const TimeZone& zone, base::WallTime now);

}  // namespace sotto::campaign
