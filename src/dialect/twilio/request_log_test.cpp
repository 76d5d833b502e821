#include "dialect/twilio/request_log.h"

#include <gtest/gtest.h>

namespace sotto::twilio {
namespace {

call::LegId leg(uint64_t number) {
  return {0, number};
}

LoggedRequest to(std::string url) {
  LoggedRequest request;
  request.method = "POST";
  request.url = std::move(url);
  return request;
}

TEST(RequestLog, ShowsTheLatestFirstWithWhatWasAnswered) {
  RequestLog log;
  EXPECT_TRUE(log.of(leg(1)).empty());
  http::FetchReply reply;
  reply.status = 200;
  reply.headers = {{"Content-Type", "text/xml"}};
  reply.body = std::string(5000, 'x');
  log.add(leg(1), to("/first"), reply);
  log.add(leg(1), to("/second"), tl::unexpected(http::FetchError{http::FetchFault::Refused, "refused"}));
  const auto found = log.of(leg(1));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].url, "/second");
  EXPECT_EQ(found[0].status, 0);
  EXPECT_EQ(found[1].status, 200);
  EXPECT_EQ(found[1].content_type, "text/xml");
  EXPECT_EQ(found[1].body.size(), 4096u);
}

TEST(RequestLog, IsBoundedForEachCallAndOverall) {
  RequestLog log;
  for (int i = 0; i < 60; ++i) log.add(leg(1), to("/" + std::to_string(i)));
  EXPECT_EQ(log.of(leg(1)).size(), 50u);
  EXPECT_EQ(log.of(leg(1)).front().url, "/59");
  EXPECT_EQ(log.of(leg(1)).back().url, "/10");
  for (uint64_t i = 2; i < 1100; ++i) log.add(leg(i), to("/"));
  EXPECT_EQ(log.size(), 1000u);
  EXPECT_TRUE(log.of(leg(1)).empty());
  EXPECT_EQ(log.of(leg(1099)).size(), 1u);
}

}  // namespace
}  // namespace sotto::twilio
