#include "directory/number_format.h"

#include <gtest/gtest.h>

namespace sotto::directory {
namespace {

struct FormatCase {
  const char* digits;
  NumberFormat format;
  const char* country;
  const char* written;
};
constexpr FormatCase kCases[] = {
    {"4930123456", NumberFormat::Plus, "DE", "+4930123456"},
    {"4930123456", NumberFormat::Bare, "DE", "4930123456"},
    {"4930123456", NumberFormat::National, "DE", "030123456"},
    {"442071234567", NumberFormat::National, "DE", "00442071234567"},
    {"12025550101", NumberFormat::National, "US", "2025550101"},
    {"442071234567", NumberFormat::National, "US", "011442071234567"},
    {"34911234567", NumberFormat::National, "ES", "911234567"},
    {"3612345678", NumberFormat::National, "HU", "0612345678"},
    {"4930123456", NumberFormat::National, "XX", "4930123456"},
};

TEST(NumberFormat, EachFormatIsWrittenAndReadBack) {
  for (const auto& [digits, format, country, written] : kCases) {
    EXPECT_EQ(format_number(digits, format, country), written);
    EXPECT_EQ(normalise_number(written, format, country), digits) << written;
  }
}

TEST(NumberFormat, ServiceCodesStayAsTheyAre) {
  EXPECT_EQ(format_number("112", NumberFormat::Plus, "DE"), "112");
  EXPECT_EQ(format_number("*100#", NumberFormat::National, "DE"), "*100#");
  EXPECT_EQ(normalise_number("110", NumberFormat::National, "DE"), "110");
}

TEST(NumberFormat, AnAmericanNationalNumberHasNoPrefix) {
  EXPECT_EQ(normalise_number("2025550101", NumberFormat::National, "US"), "12025550101");
  EXPECT_EQ(normalise_number("12025550101", NumberFormat::National, "US"), "12025550101");
  EXPECT_EQ(normalise_number("+12025550101", NumberFormat::National, "US"), "12025550101");
}

}  // namespace
}  // namespace sotto::directory
