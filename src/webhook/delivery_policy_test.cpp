#include "webhook/delivery_policy.h"

#include <gtest/gtest.h>

namespace sotto::webhook {
namespace {

http::FetchResult answered(int status) {
  http::FetchReply reply;
  reply.status = status;
  return reply;
}

http::FetchResult failed(http::FetchFault fault) {
  return tl::unexpected<http::FetchError>(http::FetchError{fault, ""});
}

TEST(DeliveryPolicy, ConnectFailuresAndAnswersAreToldApart) {
  const RetryPolicy plain;
  EXPECT_TRUE(plain.retries(failed(http::FetchFault::Refused)));
  EXPECT_TRUE(plain.retries(failed(http::FetchFault::HostName)));
  EXPECT_FALSE(plain.retries(failed(http::FetchFault::TotalTimeout)));
  EXPECT_FALSE(plain.retries(answered(503)));
  const RetryPolicy stubborn{.on_connect = false, .on_timeout = true, .on_5xx = true, .on_4xx = true};
  EXPECT_FALSE(stubborn.retries(failed(http::FetchFault::Refused)));
  EXPECT_TRUE(stubborn.retries(failed(http::FetchFault::Reset)));
  EXPECT_TRUE(stubborn.retries(answered(500)));
  EXPECT_TRUE(stubborn.retries(answered(404)));
  EXPECT_FALSE(stubborn.retries(answered(204)));
  EXPECT_FALSE(stubborn.retries(failed(http::FetchFault::PrivateTarget)));
}

TEST(DeliveryPolicy, StatusesCanBeNamedOneByOne) {
  const RetryPolicy some{.on_tls = false, .on_statuses = {429, 503}};
  EXPECT_TRUE(some.retries(answered(429)));
  EXPECT_TRUE(some.retries(answered(503)));
  EXPECT_FALSE(some.retries(answered(500)));
  EXPECT_FALSE(some.retries(answered(200)));
  EXPECT_FALSE(some.retries(failed(http::FetchFault::TlsHandshake)));
}

TEST(DeliveryPolicy, SurvivesTheStore) {
  DeliveryPolicy policy;
  policy.retry = {.pauses = {std::chrono::milliseconds(250), std::chrono::seconds(60)},
                  .on_connect = false,
                  .on_timeout = true,
                  .on_5xx = true,
                  .on_statuses = {429, 504}};
  policy.connect_deadline = std::chrono::milliseconds(1500);
  policy.redirects = http::Redirects::AsBrowser;
  policy.patience = std::chrono::milliseconds(1000);
  const auto back = parse_delivery_policy(to_json(policy));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, policy);
}

TEST(DeliveryPolicy, ADamagedOneIsNamed) {
  const auto back = parse_delivery_policy(R"({"pauses_ms":["soon"]})");
  ASSERT_FALSE(back);
  EXPECT_NE(back.error().detail.find("pauses_ms[0]"), std::string::npos);
}

}  // namespace
}  // namespace sotto::webhook
