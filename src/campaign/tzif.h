#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// Time zones from compiled zone files (TZif, RFC 8536), versions 1 to 4. The caller reads the file; nothing
// here knows where it lies.
namespace sotto::campaign {

// One day a year, as a POSIX TZ string names it.
struct YearlyRule {
  enum class Kind {
    JulianWithoutLeapDay,  // Jn: 1 to 365, 29 February is never counted
    DayOfYear,             // n: 0 to 365
    WeekdayOfMonth,        // Mm.w.d: week 5 is the last
  };
  Kind kind = Kind::WeekdayOfMonth;
  int day = 0;  // of the year, or the weekday, Sunday being 0
  int month = 1;
  int week = 1;
  std::chrono::seconds time{7200};  // local, from midnight, -167 h to 167 h

  bool operator==(const YearlyRule&) const = default;
};

// What holds after the last transition of the file.
struct PosixZone {
  std::chrono::seconds standard_offset{0};  // east of Greenwich
  struct Daylight {
    std::chrono::seconds offset{0};
    YearlyRule begins;
    YearlyRule ends;
    bool operator==(const Daylight&) const = default;
  };
  std::optional<Daylight> daylight;

  bool operator==(const PosixZone&) const = default;
};

// "CET-1CEST,M3.5.0,M10.5.0/3". A zone with daylight time but no rules is refused: they would be a guess.
Result<PosixZone> parse_posix_zone(std::string_view text);

class TimeZone {
 public:
  static TimeZone utc();
  // `name` is only kept.
  static Result<TimeZone> parse(std::string name, base::ByteView tzif);

  const std::string& name() const { return name_; }
  std::chrono::seconds offset_at(std::chrono::sys_seconds time) const;
  std::chrono::local_seconds to_local(std::chrono::sys_seconds time) const;

 private:
  struct Transition {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset;  // from then on
  };
  struct Header {
    uint8_t version = 0;
    uint32_t utc_flags = 0;
    uint32_t standard_flags = 0;
    uint32_t leap_seconds = 0;
    uint32_t transitions = 0;
    uint32_t types = 0;
    uint32_t name_bytes = 0;
  };

  static Result<Header> parse_header(base::ByteReader& reader);
  Result<void> parse_block(base::ByteReader& reader, const Header& header, size_t time_bytes);

  std::string name_;
  std::chrono::seconds first_offset_{0};  // before the first transition
  std::vector<Transition> transitions_;
  std::optional<PosixZone> after_;
};

}  // namespace sotto::campaign
