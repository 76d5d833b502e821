#include <gtest/gtest.h>

#include "text/claims.h"
#include "text/e164.h"
#include "text/json.h"
#include "text/time_format.h"

namespace sotto::text {
namespace {

using namespace std::chrono_literals;

constexpr base::WallTime kMoment{std::chrono::microseconds(1'283'286'988'123'456)};

TEST(TimeFormat, WritesTheFormsOfTheContracts) {
  EXPECT_EQ(format_rfc2822(kMoment), "Tue, 31 Aug 2010 20:36:28 +0000");
  EXPECT_EQ(format_http_date(kMoment), "Tue, 31 Aug 2010 20:36:28 GMT");
  EXPECT_EQ(format_iso8601(kMoment), "2010-08-31T20:36:28.123Z");
  EXPECT_EQ(format_iso8601(kMoment, Precision::Seconds), "2010-08-31T20:36:28Z");
  EXPECT_EQ(format_iso8601(kMoment, Precision::Microseconds), "2010-08-31T20:36:28.123456Z");
  EXPECT_EQ(format_date(kMoment), "2010-08-31");
}

TEST(TimeFormat, ReadsIso8601WithAndWithoutItsParts) {
  EXPECT_EQ(parse_iso8601("2010-08-31T20:36:28.123456Z"), kMoment);
  EXPECT_EQ(parse_iso8601("2010-08-31T22:36:28.123456789+02:00"), kMoment);
  EXPECT_EQ(format_iso8601(*parse_iso8601("2024-02-29")), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(format_iso8601(*parse_iso8601("2024-01-02 03:04")), "2024-01-02T03:04:00.000Z");
  EXPECT_EQ(format_iso8601(*parse_iso8601("2024-01-02T03:04:05-0130")), "2024-01-02T04:34:05.000Z");
  EXPECT_EQ(format_iso8601(*parse_iso8601("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00.000Z");
}

TEST(TimeFormat, RefusesTimesThatAreNone) {
  for (const std::string_view bad :
       {"", "2024", "2024-13-01", "2023-02-29", "2024-01-02T", "2024-01-02T24:00:00Z", "1969-01-01",
        "2024-01-02T03:04:05.Z", "2024-01-02T03:04:05X", "2024-01-02T03:04:05Zx", "24-01-02"}) {
    EXPECT_FALSE(parse_iso8601(bad)) << bad;
  }
  for (const std::string_view bad : {"", "Tue, 31 Foo 2010 20:36:28 +0000", "31 Aug 2010",
                                     "Tue 31 Aug 2010 20:36:28 +0000", "Tue, 31 Aug 2010 20:36:28"}) {
    EXPECT_FALSE(parse_rfc2822(bad)) << bad;
  }
}

TEST(TimeFormat, ReadsRfc2822) {
  EXPECT_EQ(format_rfc2822(*parse_rfc2822("Tue, 31 Aug 2010 20:36:28 +0000")),
            "Tue, 31 Aug 2010 20:36:28 +0000");
  EXPECT_EQ(format_rfc2822(*parse_rfc2822("1 Sep 2010 00:00 GMT")), "Wed, 01 Sep 2010 00:00:00 +0000");
  EXPECT_EQ(format_rfc2822(*parse_rfc2822("Tue, 31 Aug 2010 20:36:28 -0400")),
            "Wed, 01 Sep 2010 00:36:28 +0000");
}

TEST(E164, UnderstandsInternationalForms) {
  EXPECT_EQ(to_e164("+1 (415) 555-0100"), "14155550100");
  EXPECT_EQ(to_e164("tel:+44.20.7946.0000"), "442079460000");
  EXPECT_EQ(to_e164("14155550100"), "14155550100");
  EXPECT_EQ(to_e164("0044 20 7946 0000"), "442079460000");
}

TEST(E164, UnderstandsTheNationalFormsOfACountry) {
  EXPECT_EQ(to_e164("020 7946 0000", "GB"), "442079460000");
  EXPECT_EQ(to_e164("442079460000", "GB"), "442079460000");
  EXPECT_EQ(to_e164("(415) 555-0100", "US"), "14155550100");
  EXPECT_EQ(to_e164("1-415-555-0100", "CA"), "14155550100");
  EXPECT_EQ(to_e164("011 44 20 7946 0000", "US"), "442079460000");
  EXPECT_EQ(to_e164("612 345 678", "ES"), "34612345678");
  EXPECT_EQ(to_e164("34612345678", "ES"), "34612345678");
  EXPECT_EQ(to_e164("06 1234 5678", "IT"), "390612345678");
  EXPECT_EQ(to_e164("8 495 123-45-67", "RU"), "74951234567");
  EXPECT_EQ(to_e164("06 1 234 5678", "HU"), "3612345678");
  EXPECT_EQ(to_e164("0041 44 668 18 00", "DE"), "41446681800");
}

TEST(E164, RefusesWhatIsNoNumber) {
  for (const std::string_view bad :
       {"", "+", "alice", "+123", "+1234567890123456", "+1415555x", "999999999999", "+2101234567"}) {
    EXPECT_FALSE(to_e164(bad)) << bad;
  }
}

TEST(E164, KnowsCountries) {
  EXPECT_EQ(country_of("14155550100"), "US");
  EXPECT_EQ(country_of("+14165550100"), "CA");
  EXPECT_EQ(country_of("18765550100"), "JM");
  EXPECT_EQ(country_of("447700900001"), "GB");
  EXPECT_EQ(country_of("77011234567"), "KZ");
  EXPECT_EQ(country_of("74951234567"), "RU");
  EXPECT_EQ(country_of("999"), "");
  EXPECT_EQ(calling_code("GB"), "44");
  EXPECT_EQ(calling_code("JM"), "1");
  EXPECT_EQ(calling_code("KZ"), "7");
  EXPECT_EQ(calling_code("XX"), "");
}

TEST(Claims, TimesAreCheckedWithLeeway) {
  const base::WallTime now{1'000'000s};
  const auto check = [&](std::string_view claims) {
    return check_claim_times(*parse_json(claims), now, 60s).has_value();
  };
  EXPECT_TRUE(check("{}"));
  EXPECT_TRUE(check(R"({"iat":1000059,"nbf":1000059.5,"exp":999941})"));
  EXPECT_FALSE(check(R"({"exp":999940})"));
  EXPECT_FALSE(check(R"({"iat":1000061})"));
  EXPECT_FALSE(check(R"({"nbf":1000061})"));
  EXPECT_FALSE(check(R"({"exp":"never"})"));
  // vonage.md §1.2: one client's exp is a clock in milliseconds.
  EXPECT_TRUE(check(R"({"iat":1000000,"exp":1795225862941})"));
}

}  // namespace
}  // namespace sotto::text
