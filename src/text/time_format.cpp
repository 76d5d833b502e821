#include "text/time_format.h"

#include <array>
#include <cstdio>
#include <optional>

#include "text/ascii.h"

namespace sotto::text {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Fields {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned weekday = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
};

Fields fields_of(base::WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday(day).c_encoding(),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  char buffer[64];
  const int size = std::snprintf(buffer, sizeof(buffer), pattern, values...);
  return {buffer, static_cast<size_t>(size)};
}

std::string format_mail_date(base::WallTime time, const char* zone) {
  const Fields f = fields_of(time);
  return format("%s, %02u %s %04d %02d:%02d:%02d %s", kWeekdays[f.weekday].data(), f.day,
                kMonths[f.month - 1].data(), f.year, f.hour, f.minute, f.second, zone);
}

// Takes fixed forms off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> digits(size_t min, size_t max) {
    size_t count = 0;
    int value = 0;
    while (count < max && count < rest_.size() && is_digit(rest_[count]))
      value = value * 10 + (rest_[count++] - '0');
    if (count < min) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    size_t count = 0;
    while (count < rest_.size() && is_letter(rest_[count])) ++count;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  void skip_space() { rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }
  bool done() const { return rest_.empty(); }

  // "+0100", "+01:00": what to take off to get UTC.
  std::optional<minutes> offset() {
    const bool negative = take('-');
    if (!negative && !take('+')) return std::nullopt;
    const auto hour = digits(2, 2);
    take(':');
    const auto minute = digits(2, 2);
    if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
    return minutes((negative ? -1 : 1) * (*hour * 60 + *minute));
  }

  // hh:mm[:ss]
  std::optional<seconds> clock() {
    const auto hour = digits(2, 2);
    if (!hour || !take(':')) return std::nullopt;
    const auto minute = digits(2, 2);
    int second = 0;
    if (take(':')) {
      const auto read = digits(2, 2);
      if (!read) return std::nullopt;
      second = *read;
    }
    // 60 is a leap second; it becomes the first of the next minute.
    if (!minute || *hour > 23 || *minute > 59 || second > 60) return std::nullopt;
    return hours(*hour) + minutes(*minute) + seconds(second);
  }

  // ".123456": further digits are dropped.
  std::optional<microseconds> fraction() {
    if (!take('.')) return microseconds(0);
    int64_t value = 0;
    size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 6) value = value * 10 + (rest_[count] - '0');
    }
    if (count == 0) return std::nullopt;
    for (size_t i = count; i < 6; ++i) value *= 10;
    rest_.remove_prefix(count);
    return microseconds(value);
  }

 private:
  std::string_view rest_;
};

std::optional<sys_days> day_of(int year_number, int month_number, int day_number) {
  const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number)));
  if (!date.ok() || year_number < 1970) return std::nullopt;
  return sys_days(date);
}

std::optional<base::WallTime> scan_iso8601(Scanner scan) {
  const auto year_number = scan.digits(4, 4);
  if (!year_number || !scan.take('-')) return std::nullopt;
  const auto month_number = scan.digits(2, 2);
  if (!month_number || !scan.take('-')) return std::nullopt;
  const auto day_number = scan.digits(2, 2);
  if (!day_number) return std::nullopt;
  const auto date = day_of(*year_number, *month_number, *day_number);
  if (!date || scan.done()) return date;
  if (!scan.take('T') && !scan.take('t') && !scan.take(' ')) return std::nullopt;
  const auto clock = scan.clock();
  if (!clock) return std::nullopt;
  const auto fraction = scan.fraction();
  if (!fraction) return std::nullopt;
  const base::WallTime local = *date + *clock + *fraction;
  if (scan.done() || ((scan.take('Z') || scan.take('z')) && scan.done())) return local;
  const auto offset = scan.offset();
  if (!offset || !scan.done()) return std::nullopt;
  return local - *offset;
}

std::optional<base::WallTime> scan_rfc2822(Scanner scan) {
  scan.skip_space();
  if (!scan.word().empty() && !scan.take(',')) return std::nullopt;
  scan.skip_space();
  const auto day_number = scan.digits(1, 2);
  scan.skip_space();
  const std::string_view month_name = scan.word();
  scan.skip_space();
  const auto year_number = scan.digits(4, 4);
  scan.skip_space();
  const auto clock = scan.clock();
  scan.skip_space();
  int month_number = 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (equal_ignoring_case(kMonths[i], month_name)) month_number = static_cast<int>(i) + 1;
  }
  if (!day_number || month_number == 0 || !year_number || !clock) return std::nullopt;
  const auto date = day_of(*year_number, month_number, *day_number);
  if (!date) return std::nullopt;
  const std::string_view zone = scan.word();
  const bool universal = zone == "GMT" || zone == "UT" || zone == "UTC";
  const auto offset = universal ? std::optional(minutes(0)) : scan.offset();
  if (!offset || !scan.done()) return std::nullopt;
  return base::WallTime(*date + *clock) - *offset;
}

}  // namespace

std::string format_iso8601(base::WallTime time, Precision precision) {
  const Fields f = fields_of(time);
  const std::string whole =
      format("%04d-%02u-%02uT%02d:%02d:%02d", f.year, f.month, f.day, f.hour, f.minute, f.second);
  switch (precision) {
    case Precision::Seconds: return whole + "Z";
    case Precision::Milliseconds: return whole + format(".%03dZ", f.microsecond / 1000);
    case Precision::Microseconds: return whole + format(".%06dZ", f.microsecond);
  }
  return whole;
}

std::string format_date(base::WallTime time) {
  const Fields f = fields_of(time);
  return format("%04d-%02u-%02u", f.year, f.month, f.day);
}

std::string format_rfc2822(base::WallTime time) {
  return format_mail_date(time, "+0000");
}

std::string format_http_date(base::WallTime time) {
  return format_mail_date(time, "GMT");
}

Result<base::WallTime> parse_iso8601(std::string_view text) {
  const auto time = scan_iso8601(Scanner(trim(text)));
  if (!time) return fail(ErrorCode::Invalid, "time: expected a form like 2024-01-02 or 2024-01-02T03:04:05Z");
  return *time;
}

Result<base::WallTime> parse_rfc2822(std::string_view text) {
  const auto time = scan_rfc2822(Scanner(trim(text)));
  if (!time) return fail(ErrorCode::Invalid, "time: expected a form like Tue, 31 Aug 2010 20:36:28 +0000");
  return *time;
}

}  // namespace sotto::text
