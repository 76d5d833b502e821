#include "campaign/hours.h"

#include <gtest/gtest.h>

#include "campaign/testing/zones.h"

namespace sotto::campaign {
namespace {

using namespace std::chrono;
using namespace testing;

base::WallTime utc(int y, unsigned m, unsigned d, int h, int min = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min);
}

OpeningHours open_at(std::string_view week) {
  OpeningHours hours;
  hours.time_zone = "Test/Zone";
  hours.week = *parse_opening_week(week);
  return hours;
}

TEST(Hours, AnOfficeInBerlinOpensAnHourEarlierInUtcOnceItIsSummer) {
  const OpeningHours office = open_at("Mon-Fri 09:00-17:00");
  const TimeZone zone = berlin();
  EXPECT_FALSE(is_open(office, zone, utc(2026, 3, 27, 7, 59)));  // Friday before the change
  EXPECT_TRUE(is_open(office, zone, utc(2026, 3, 27, 8)));
  EXPECT_TRUE(is_open(office, zone, utc(2026, 3, 27, 15, 59)));
  EXPECT_FALSE(is_open(office, zone, utc(2026, 3, 27, 16)));
  EXPECT_FALSE(is_open(office, zone, utc(2026, 3, 30, 6, 59)));  // Monday after it
  EXPECT_TRUE(is_open(office, zone, utc(2026, 3, 30, 7)));
  EXPECT_FALSE(is_open(office, zone, utc(2026, 3, 30, 15)));
  EXPECT_FALSE(is_open(office, zone, utc(2026, 3, 28, 10)));  // Saturday
}

TEST(Hours, AnOfficeInNewYorkOpensAnHourLaterInUtcOnceSummerIsOver) {
  const OpeningHours office = open_at("Mon-Sun 09:00-17:00");
  const TimeZone zone = new_york();
  EXPECT_TRUE(is_open(office, zone, utc(2026, 10, 31, 13)));
  EXPECT_FALSE(is_open(office, zone, utc(2026, 11, 1, 13)));
  EXPECT_TRUE(is_open(office, zone, utc(2026, 11, 1, 14)));
}

TEST(Hours, TheHourThatComesTwiceIsOpenTwiceAndTheOneThatIsSkippedNever) {
  const OpeningHours night = open_at("Sun 02:00-03:00");
  const TimeZone zone = berlin();
  EXPECT_TRUE(is_open(night, zone, utc(2026, 10, 25, 0, 30)));  // 02:30 summer time
  EXPECT_TRUE(is_open(night, zone, utc(2026, 10, 25, 1, 30)));  // 02:30 again
  EXPECT_FALSE(is_open(night, zone, utc(2026, 3, 29, 0, 59)));
  EXPECT_FALSE(is_open(night, zone, utc(2026, 3, 29, 1, 0)));
}

TEST(Hours, ASpanMayGoOverMidnight) {
  const OpeningHours bar = open_at("Sat 22:00-02:00");
  const TimeZone zone = TimeZone::utc();
  EXPECT_FALSE(is_open(bar, zone, utc(2026, 8, 1, 21, 59)));  // Saturday
  EXPECT_TRUE(is_open(bar, zone, utc(2026, 8, 1, 23, 59)));
  EXPECT_TRUE(is_open(bar, zone, utc(2026, 8, 2, 1, 59)));
  EXPECT_FALSE(is_open(bar, zone, utc(2026, 8, 2, 2)));
  EXPECT_FALSE(is_open(bar, zone, utc(2026, 8, 1, 1)));
}

TEST(Hours, AHolidayIsClosedByTheLocalDate) {
  OpeningHours always;
  always.time_zone = "Test/Zone";
  always.holidays = {year(2026) / December / 25};
  const TimeZone zone = berlin();
  EXPECT_TRUE(is_open(always, zone, utc(2026, 12, 24, 22, 59)));
  EXPECT_FALSE(is_open(always, zone, utc(2026, 12, 24, 23)));
  EXPECT_FALSE(is_open(always, zone, utc(2026, 12, 25, 22, 59)));
  EXPECT_TRUE(is_open(always, zone, utc(2026, 12, 25, 23)));
}

TEST(Hours, ANightThatBeganOnAHolidayIsClosedToItsEnd) {
  OpeningHours bar = open_at("Sat 22:00-02:00");
  bar.holidays = {year(2026) / August / 1};
  EXPECT_FALSE(is_open(bar, TimeZone::utc(), utc(2026, 8, 1, 23)));
  EXPECT_FALSE(is_open(bar, TimeZone::utc(), utc(2026, 8, 2, 1)));
}

TEST(Hours, TextGoesThereAndBack) {
  const auto week = parse_opening_week("mon-tue 09:00-12:00, Mon 13:00-24:00, sat-sun 22:00-02:00");
  ASSERT_TRUE(week) << week.error().detail;
  EXPECT_EQ(to_text(*week),
            "Mon 09:00-12:00, Mon 13:00-24:00, Tue 09:00-12:00, Sat 22:00-02:00, Sun 22:00-02:00");
  EXPECT_EQ(*parse_opening_week(to_text(*week)), *week);
  EXPECT_EQ(to_text(*parse_date("2024-02-29")), "2024-02-29");
}

TEST(Hours, WhatIsNoTimeIsRefusedWithAnExample) {
  for (const char* bad :
       {"", "Mon", "Mon 9:00-17:00", "Mon 09:00", "Foo 09:00-17:00", "Mon-Tue-Wed 09:00-17:00",
        "Mon 09:60-17:00", "Mon 24:00-10:00", "Mon 09:00-24:01", "Mon 09:00-17:00,"}) {
    const auto week = parse_opening_week(bad);
    ASSERT_FALSE(week) << bad;
    EXPECT_NE(week.error().detail.find("Mon-Fri 09:00-17:30"), std::string::npos);
  }
  for (const char* bad : {"", "2026-02-29", "2026-13-01", "2026-1-1", "25.12.2026"}) {
    EXPECT_FALSE(parse_date(bad)) << bad;
  }
}

}  // namespace
}  // namespace sotto::campaign
