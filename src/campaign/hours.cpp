#include "campaign/hours.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/ascii.h"

namespace sotto::campaign {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr minutes kDay = std::chrono::hours(24);
constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::optional<unsigned> day_named(std::string_view text) {
  for (unsigned day = 0; day < 7; ++day) {
    if (text::equal_ignoring_case(text, kDays[day])) return day;
  }
  return std::nullopt;
}

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2 || !text::is_digit(text[0]) || !text::is_digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// "09:30", up to "24:00".
std::optional<minutes> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2));
  const auto minute = two_digits(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const minutes time = std::chrono::hours(*hour) + minutes(*minute);
  return time <= kDay ? std::optional(time) : std::nullopt;
}

tl::unexpected<Error> bad_hours(std::string_view part) {
  return fail(ErrorCode::Invalid, fmt::format("hours: \"{}\" is not like \"Mon-Fri 09:00-17:30\"", part));
}

// "Mon-Fri 09:00-17:30" into the week.
Result<void> add_part(OpeningWeek& week, std::string_view part) {
  const size_t space = part.find(' ');
  if (space == std::string_view::npos) return bad_hours(part);
  const auto names = text::split(part.substr(0, space), '-');
  const auto times = text::split(text::trim(part.substr(space)), '-');
  if (names.size() > 2 || times.size() != 2) return bad_hours(part);
  const auto first = day_named(names.front());
  const auto last = day_named(names.back());
  const auto from = time_of_day(times[0]);
  const auto to = time_of_day(times[1]);
  if (!first || !last || !from || !to || *from == kDay) return bad_hours(part);
  for (unsigned day = *first;; day = (day + 1) % 7) {
    week[day].push_back({*from, *to});
    if (day == *last) return {};
  }
}

bool is_holiday(const OpeningHours& hours, std::chrono::local_days day) {
  return std::find(hours.holidays.begin(), hours.holidays.end(), std::chrono::year_month_day(day)) !=
         hours.holidays.end();
}

bool is_within(const OpenSpan& span, minutes time) {
  return span.from < span.to ? span.from <= time && time < span.to : span.from <= time;
}

}  // namespace

Result<OpeningWeek> parse_opening_week(std::string_view text) {
  OpeningWeek week;
  for (const std::string_view part : text::split(text, ',')) {
    if (auto added = add_part(week, text::trim(part)); !added) return fail(added.error());
  }
  return week;
}

std::string to_text(const OpeningWeek& week) {
  std::string out;
  for (unsigned i = 1; i <= 7; ++i) {  // Monday first, as people write it
    for (const OpenSpan& span : week[i % 7]) {
      if (!out.empty()) out += ", ";
      out += fmt::format("{} {:02}:{:02}-{:02}:{:02}", kDays[i % 7], span.from.count() / 60,
                         span.from.count() % 60, span.to.count() / 60, span.to.count() % 60);
    }
  }
  return out;
}

Result<std::chrono::year_month_day> parse_date(std::string_view text) {
  const auto bad = [text] {
    return fail(ErrorCode::Invalid, fmt::format("date: \"{}\" is not a date like \"2026-12-25\"", text));
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return bad();
  const auto century = two_digits(text.substr(0, 2));
  const auto year = two_digits(text.substr(2, 2));
  const auto month = two_digits(text.substr(5, 2));
  const auto day = two_digits(text.substr(8, 2));
  if (!century || !year || !month || !day) return bad();
  const std::chrono::year_month_day date(std::chrono::year(*century * 100 + *year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return bad();
  return date;
}

std::string to_text(const std::chrono::year_month_day& date) {
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

Result<void> validate(const OpeningHours& hours) {
  if (hours.time_zone.empty()) {
    return fail(ErrorCode::Invalid, "hours.time_zone: missing; name one, such as \"Europe/Berlin\"");
  }
  for (const auto& day : hours.week) {
    for (const OpenSpan& span : day) {
      const bool fits =
          span.from >= minutes(0) && span.from < kDay && span.to >= minutes(0) && span.to <= kDay;
      if (!fits) return fail(ErrorCode::OutOfRange, "hours.week: times go from 00:00 to 24:00");
    }
  }
  for (const auto& holiday : hours.holidays) {
    if (!holiday.ok()) return fail(ErrorCode::Invalid, "hours.holidays: " + to_text(holiday) + " is no date");
  }
  return {};
}

bool is_open(const OpeningHours& hours, const TimeZone& zone, base::WallTime now) {
  const auto local = zone.to_local(std::chrono::floor<std::chrono::seconds>(now));
  const auto today = std::chrono::floor<days>(local);
  const minutes time = std::chrono::floor<minutes>(local - today);
  if (is_holiday(hours, today)) return false;
  const bool always =
      std::all_of(hours.week.begin(), hours.week.end(), [](const auto& day) { return day.empty(); });
  if (always) return true;
  for (const OpenSpan& span : hours.week[std::chrono::weekday(today).c_encoding()]) {
    if (is_within(span, time)) return true;
  }
  const auto yesterday = today - days(1);
  if (is_holiday(hours, yesterday)) return false;
  for (const OpenSpan& span : hours.week[std::chrono::weekday(yesterday).c_encoding()]) {
    if (span.to <= span.from && time < span.to) return true;
  }
  return false;
}

}  // namespace sotto::campaign
