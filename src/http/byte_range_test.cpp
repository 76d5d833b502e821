#include "http/byte_range.h"

#include <gtest/gtest.h>

namespace sotto::http {
namespace {

struct Case {
  std::string_view asked;
  int status;
  ByteRange sent;
  std::string_view told;  // Content-Range
};

TEST(ByteRange, OnePartOrTheWhole) {
  constexpr uint64_t kSize = 1000;
  const Case cases[] = {
      {"", 200, {0, 1000}, ""},
      {"bytes=0-3", 206, {0, 4}, "bytes 0-3/1000"},
      {"bytes=990-", 206, {990, 10}, "bytes 990-999/1000"},
      {"bytes=990-5000", 206, {990, 10}, "bytes 990-999/1000"},
      {"bytes=-50", 206, {950, 50}, "bytes 950-999/1000"},
      {"bytes=-5000", 206, {0, 1000}, "bytes 0-999/1000"},
      {"bytes=1000-", 416, {}, "bytes */1000"},
      {"bytes=-0", 416, {}, "bytes */1000"},
      {"bytes=9-3", 200, {0, 1000}, ""},
      {"bytes=0-1,5-6", 200, {0, 1000}, ""},
      {"bytes=-", 200, {0, 1000}, ""},
      {"bytes=+1-2", 200, {0, 1000}, ""},
      {"bytes=0-99999999999999999999", 200, {0, 1000}, ""},
      {"lines=1-2", 200, {0, 1000}, ""},
  };
  for (const Case& each : cases) {
    Request request;
    if (!each.asked.empty()) request.headers.set("Range", std::string(each.asked));
    Response response;
    EXPECT_EQ(choose_range(request, kSize, response), each.sent) << each.asked;
    EXPECT_EQ(response.status, each.status) << each.asked;
    EXPECT_EQ(response.headers.get("Content-Range"), each.told) << each.asked;
    EXPECT_EQ(response.headers.get("Accept-Ranges"), "bytes");
  }
}

TEST(ByteRange, AClientThatIsNotSureOfItsCopyGetsTheWhole) {
  Request request;
  request.headers.set("Range", "bytes=0-3");
  request.headers.set("If-Range", "\"an-etag\"");
  Response response;
  EXPECT_EQ(choose_range(request, 10, response), (ByteRange{0, 10}));
  EXPECT_EQ(response.status, 200);
}

TEST(ByteRange, OfNothingThereIsNoPart) {
  Request request;
  request.headers.set("Range", "bytes=0-");
  Response response;
  EXPECT_EQ(choose_range(request, 0, response), ByteRange{});
  EXPECT_EQ(response.status, 416);
}

}  // namespace
}  // namespace sotto::http
