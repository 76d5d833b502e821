#include "dialect/twilio/request_log.h"

#include <gtest/gtest.h>

namespace sotto::twilio {
namespace {

call::LegId leg(uint64_t number) {
  return {0, number};
}

const http::FetchResult kNone = tl::unexpected(http::FetchError{http::FetchFault::Refused, "refused"});

struct RequestLogTest : testing::Test {
  LoggedRequest to(std::string url) const { return log.begin(http::Method::Post, std::move(url), {}); }

  base::SystemClock clock;
  RequestLog log{clock};
};

TEST_F(RequestLogTest, ShowsTheLatestFirstWithWhatWasAnswered) {
  EXPECT_TRUE(log.of(leg(1)).empty());
  http::FetchReply reply;
  reply.status = 200;
  reply.headers = {{"Content-Type", "text/xml"}};
  reply.body = std::string(5000, 'x');
  log.add(leg(1), to("/first"), reply);
  log.add(leg(1), to("/second"), kNone);
  const auto found = log.of(leg(1));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].url, "/second");
  EXPECT_EQ(found[0].status, 0);
  EXPECT_EQ(found[1].status, 200);
  EXPECT_EQ(found[1].content_type, "text/xml");
  EXPECT_EQ(found[1].body.size(), 4096u);
}

TEST_F(RequestLogTest, IsBoundedForEachCallAndOverall) {
  for (int i = 0; i < 60; ++i) log.add(leg(1), to("/" + std::to_string(i)), kNone);
  EXPECT_EQ(log.of(leg(1)).size(), 50u);
  EXPECT_EQ(log.of(leg(1)).front().url, "/59");
  EXPECT_EQ(log.of(leg(1)).back().url, "/10");
  for (uint64_t i = 2; i < 1100; ++i) log.add(leg(i), to("/"), kNone);
  EXPECT_EQ(log.size(), 1000u);
  EXPECT_TRUE(log.of(leg(1)).empty());
  EXPECT_EQ(log.of(leg(1099)).size(), 1u);
}

}  // namespace
}  // namespace sotto::twilio
