#include "campaign/tzif.h"

#include <gtest/gtest.h>

#include "campaign/testing/zones.h"

namespace sotto::campaign {
namespace {

using namespace std::chrono;
using namespace testing;

sys_seconds utc(int y, unsigned m, unsigned d, int h, int min = 0, int s = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min) + seconds(s);
}

TEST(Tzif, BerlinGoesToSummerTimeOnTheLastSundayOfMarchAtOneUtc) {
  const TimeZone zone = zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(zone.offset_at(utc(2026, 3, 29, 0, 59, 59)), 1h);
  EXPECT_EQ(zone.offset_at(utc(2026, 3, 29, 1)), 2h);
  EXPECT_EQ(zone.offset_at(utc(2026, 10, 25, 0, 59, 59)), 2h);
  EXPECT_EQ(zone.offset_at(utc(2026, 10, 25, 1)), 1h);
}

TEST(Tzif, NewYorkGoesAtTwoLocalOnTheSecondSundayOfMarchAndBackOnTheFirstOfNovember) {
  const TimeZone zone = zone_of("EST5EDT,M3.2.0,M11.1.0");
  EXPECT_EQ(zone.offset_at(utc(2026, 3, 8, 6, 59, 59)), -5h);
  EXPECT_EQ(zone.offset_at(utc(2026, 3, 8, 7)), -4h);
  EXPECT_EQ(zone.offset_at(utc(2026, 11, 1, 5, 59, 59)), -4h);
  EXPECT_EQ(zone.offset_at(utc(2026, 11, 1, 6)), -5h);
}

TEST(Tzif, SouthOfTheEquatorSummerGoesOverNewYear) {
  const TimeZone zone = zone_of("AEST-10AEDT,M10.1.0,M4.1.0/3");
  EXPECT_EQ(zone.offset_at(utc(2026, 1, 1, 0)), 11h);
  EXPECT_EQ(zone.offset_at(utc(2025, 12, 31, 23)), 11h);
  EXPECT_EQ(zone.offset_at(utc(2026, 7, 1, 0)), 10h);
}

TEST(Tzif, TransitionsOfTheFileHoldUntilTheLastAndThenTheFooter) {
  // Half an hour ahead from 1,000,000,000 on, two hours ahead in 2,000,000,000, then the footer.
  const auto file = zone_file('2', {{1'000'000'000, 1800}, {2'000'000'000, 7200}}, 60, "<+03>-3");
  const auto zone = TimeZone::parse("Test/Zone", file);
  ASSERT_TRUE(zone) << zone.error().detail;
  EXPECT_EQ(zone->name(), "Test/Zone");
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(0))), 60s);
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(999'999'999))), 60s);
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(1'000'000'000))), 30min);
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(2'000'000'000))), 3h);
}

TEST(Tzif, AFileOfVersionOneHasNoFooter) {
  const auto zone = TimeZone::parse("Old", zone_file(0, {{1'000'000'000, 3600}}, 0, ""));
  ASSERT_TRUE(zone) << zone.error().detail;
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(999'999'999))), 0s);
  EXPECT_EQ(zone->offset_at(sys_seconds(seconds(3'000'000'000))), 1h);
}

TEST(Tzif, AFileThatIsCutOffAnywhereIsRefused) {
  const auto file = zone_file('2', {{1'000'000'000, 3600}}, 0, "CET-1");
  ASSERT_TRUE(TimeZone::parse("x", file));
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(TimeZone::parse("x", base::ByteView(file).first(length))) << length;
  }
}

TEST(Tzif, CountsThatPromiseMoreThanIsThereAreRefused) {
  auto file = zone_file('2', {}, 0, "CET-1");
  for (size_t i = 20; i < 44; ++i) file[i] = std::byte{0xff};
  EXPECT_FALSE(TimeZone::parse("x", file));
}

TEST(Tzif, PosixStringsAreReadToTheLetter) {
  EXPECT_EQ(parse_posix_zone("CET-1CEST,M3.5.0,M10.5.0/3")->daylight->ends.time, 3h);
  EXPECT_EQ(parse_posix_zone("<-0330>3:30")->standard_offset, -(3h + 30min));
  EXPECT_EQ(parse_posix_zone("EST5EDT,J60/2,300")->daylight->begins.kind,
            YearlyRule::Kind::JulianWithoutLeapDay);
  EXPECT_EQ(parse_posix_zone("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")->daylight->begins.time, -1h);
  for (const char* bad : {"", "CET", "CE-1", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1x", "<+03-3",
                          "CET-1CEST,M3.5.0", "CET-25", "EST5EDT,J0,J300", "CET-1CEST,M3.5.7,M10.5.0"}) {
    EXPECT_FALSE(parse_posix_zone(bad)) << bad;
  }
}

TEST(Tzif, JulianDaysDoNotCountTheLeapDay) {
  const TimeZone zone = zone_of("AAA0BBB,J60/0,J300/0");
  EXPECT_EQ(zone.offset_at(utc(2024, 2, 29, 23, 59)), 0s);  // J60 is 1 March in every year
  EXPECT_EQ(zone.offset_at(utc(2024, 3, 1, 0)), 1h);
  EXPECT_EQ(zone.offset_at(utc(2025, 3, 1, 0)), 1h);
}

}  // namespace
}  // namespace sotto::campaign
