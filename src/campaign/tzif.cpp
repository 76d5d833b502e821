#include "campaign/tzif.h"

#include <algorithm>

#include "text/ascii.h"

namespace sotto::campaign {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

// Reads a POSIX TZ string from left to right. A part that is not there sets failed(), which stays set.
class ZoneText {
 public:
  explicit ZoneText(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool failed() const { return failed_; }
  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) failed_ = true;
  }

  // "CET" or "<+03>".
  void name() {
    const bool quoted = skip('<');
    size_t length = 0;
    while (length < text_.size() && (quoted ? text_[length] != '>' : text::is_letter(text_[length])))
      ++length;
    if (length < 3) failed_ = true;
    text_.remove_prefix(length);
    if (quoted) expect('>');
  }

  int number(int max) {
    int value = 0;
    size_t digits = 0;
    for (; digits < text_.size() && digits < 3 && text::is_digit(text_[digits]); ++digits) {
      value = value * 10 + (text_[digits] - '0');
    }
    if (digits == 0 || value > max) failed_ = true;
    text_.remove_prefix(digits);
    return value;
  }

  // [+-]h[h[h]][:mm[:ss]]
  seconds time(int hours_max) {
    const bool negative = skip('-');
    if (!negative) skip('+');
    seconds total = hours(number(hours_max));
    if (skip(':')) total += minutes(number(59));
    if (skip(':')) total += seconds(number(59));
    return negative ? -total : total;
  }

  YearlyRule rule() {
    YearlyRule rule;
    if (skip('M')) {
      rule.month = number(12);
      expect('.');
      rule.week = number(5);
      expect('.');
      rule.day = number(6);
      if (rule.month == 0 || rule.week == 0) failed_ = true;
    } else if (skip('J')) {
      rule.kind = YearlyRule::Kind::JulianWithoutLeapDay;
      rule.day = number(365);
      if (rule.day == 0) failed_ = true;
    } else {
      rule.kind = YearlyRule::Kind::DayOfYear;
      rule.day = number(365);
    }
    if (skip('/')) rule.time = time(167);
    return rule;
  }

 private:
  std::string_view text_;
  bool failed_ = false;
};

sys_days day_of(const YearlyRule& rule, std::chrono::year year) {
  using namespace std::chrono;
  const sys_days new_year = year / January / 1;
  switch (rule.kind) {
    case YearlyRule::Kind::DayOfYear: return new_year + days(rule.day);
    case YearlyRule::Kind::JulianWithoutLeapDay: {
      const bool after_leap_day = year.is_leap() && rule.day >= 60;
      return new_year + days(rule.day - 1 + (after_leap_day ? 1 : 0));
    }
    case YearlyRule::Kind::WeekdayOfMonth: break;
  }
  const year_month month = year / rule.month;
  const weekday wanted(static_cast<unsigned>(rule.day));
  if (rule.week == 5) return sys_days(month / wanted[last]);
  return sys_days(month / wanted[static_cast<unsigned>(rule.week)]);
}

bool is_daylight(const PosixZone& zone, sys_seconds time) {
  const PosixZone::Daylight& daylight = *zone.daylight;
  const auto standard_day = std::chrono::floor<days>(time + zone.standard_offset);
  const std::chrono::year year = std::chrono::year_month_day(standard_day).year();
  const sys_seconds begins = day_of(daylight.begins, year) + daylight.begins.time - zone.standard_offset;
  const sys_seconds ends = day_of(daylight.ends, year) + daylight.ends.time - daylight.offset;
  // South of the equator summer goes over New Year.
  if (begins < ends) return begins <= time && time < ends;
  return time < ends || begins <= time;
}

seconds offset_of(const PosixZone& zone, sys_seconds time) {
  return zone.daylight && is_daylight(zone, time) ? zone.daylight->offset : zone.standard_offset;
}

tl::unexpected<Error> broken(const char* what) {
  return fail(ErrorCode::Invalid, std::string("time zone file: ") + what);
}

}  // namespace

Result<PosixZone> parse_posix_zone(std::string_view text) {
  ZoneText reader(text);
  PosixZone zone;
  reader.name();
  zone.standard_offset = -reader.time(24);  // POSIX counts west of Greenwich
  if (!reader.done() && !reader.failed()) {
    PosixZone::Daylight daylight;
    reader.name();
    daylight.offset = zone.standard_offset + hours(1);
    if (!reader.skip(',')) {
      daylight.offset = -reader.time(24);
      reader.expect(',');
    }
    daylight.begins = reader.rule();
    reader.expect(',');
    daylight.ends = reader.rule();
    zone.daylight = daylight;
  }
  if (reader.failed() || !reader.done()) {
    return fail(ErrorCode::Invalid, "time zone: \"" + std::string(text) + "\" is no POSIX TZ string");
  }
  return zone;
}

TimeZone TimeZone::utc() {
  TimeZone zone;
  zone.name_ = "UTC";
  return zone;
}

Result<TimeZone> TimeZone::parse(std::string name, base::ByteView tzif) {
  base::ByteReader reader(tzif);
  TimeZone zone;
  zone.name_ = std::move(name);
  auto header = parse_header(reader);
  if (!header) return fail(header.error());
  if (header->version == 0) {
    if (auto block = zone.parse_block(reader, *header, 4); !block) return fail(block.error());
    return zone;
  }
  // RFC 8536 section 3.2: from version 2 on, the first block is for old readers only.
  const uint64_t skipped = uint64_t{header->transitions} * 5 + uint64_t{header->types} * 6 +
                           header->name_bytes + uint64_t{header->leap_seconds} * 8 + header->standard_flags +
                           header->utc_flags;
  if (skipped > reader.left()) return broken("it is cut off");
  reader.take(skipped);
  header = parse_header(reader);
  if (!header) return fail(header.error());
  if (auto block = zone.parse_block(reader, *header, 8); !block) return fail(block.error());

  std::string_view footer = base::as_text(reader.rest());
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return broken("it has no footer");
  footer = footer.substr(1, footer.size() - 2);
  if (footer.empty()) return zone;
  auto after = parse_posix_zone(footer);
  if (!after) return fail(after.error());
  zone.after_ = *after;
  if (zone.transitions_.empty()) zone.first_offset_ = after->standard_offset;
  return zone;
}

Result<TimeZone::Header> TimeZone::parse_header(base::ByteReader& reader) {
  if (base::as_text(reader.take(4)) != "TZif") return broken("it does not begin with TZif");
  Header header;
  const uint8_t version = reader.u8();
  header.version = version == 0 ? 0 : static_cast<uint8_t>(version - '0');
  reader.take(15);
  header.utc_flags = reader.u32();
  header.standard_flags = reader.u32();
  header.leap_seconds = reader.u32();
  header.transitions = reader.u32();
  header.types = reader.u32();
  header.name_bytes = reader.u32();
  if (reader.failed()) return broken("it is cut off");
  if (header.types == 0) return broken("it has no type of local time");
  return header;
}

Result<void> TimeZone::parse_block(base::ByteReader& reader, const Header& header, size_t time_bytes) {
  // Before any memory is taken: what the counts promise must be there.
  const uint64_t needed = uint64_t{header.transitions} * (time_bytes + 1) + uint64_t{header.types} * 6;
  if (needed > reader.left()) return broken("it is cut off");
  for (uint32_t i = 0; i < header.transitions; ++i) {
    const int64_t at =
        time_bytes == 8 ? static_cast<int64_t>(reader.u64()) : int64_t{static_cast<int32_t>(reader.u32())};
    transitions_.push_back({sys_seconds(seconds(at)), seconds(0)});
  }
  std::vector<uint8_t> type_of;
  for (uint32_t i = 0; i < header.transitions; ++i) type_of.push_back(reader.u8());
  std::vector<seconds> offsets;
  for (uint32_t i = 0; i < header.types; ++i) {
    offsets.emplace_back(static_cast<int32_t>(reader.u32()));
    reader.u16();  // daylight flag and name
  }
  reader.take(header.name_bytes);
  const uint64_t trailing =
      uint64_t{header.leap_seconds} * (time_bytes + 4) + header.standard_flags + uint64_t{header.utc_flags};
  if (reader.failed() || trailing > reader.left()) return broken("it is cut off");
  reader.take(trailing);

  constexpr seconds kOffsetMax = hours(26);  // RFC 8536 section 3.2
  for (const seconds offset : offsets) {
    if (offset < -kOffsetMax || offset > kOffsetMax) return broken("an offset is over 26 hours");
  }
  first_offset_ = offsets[0];
  for (size_t i = 0; i < transitions_.size(); ++i) {
    if (type_of[i] >= offsets.size()) return broken("a transition is to a type that is not there");
    transitions_[i].offset = offsets[type_of[i]];
    if (i > 0 && transitions_[i].at <= transitions_[i - 1].at) return broken("its transitions are unordered");
  }
  return {};
}

seconds TimeZone::offset_at(sys_seconds time) const {
  const bool after_all = transitions_.empty() || time >= transitions_.back().at;
  if (after_all && after_) return offset_of(*after_, time);
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), time,
                                     [](sys_seconds when, const Transition& each) { return when < each.at; });
  return next == transitions_.begin() ? first_offset_ : std::prev(next)->offset;
}

std::chrono::local_seconds TimeZone::to_local(sys_seconds time) const {
  return std::chrono::local_seconds((time + offset_at(time)).time_since_epoch());
}

}  // namespace sotto::campaign
