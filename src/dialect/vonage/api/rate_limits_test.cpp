#include "dialect/vonage/api/rate_limits.h"

#include <gtest/gtest.h>

#include "dialect/vonage/testing/account_bench.h"

namespace sotto::vonage {
namespace {

using namespace std::chrono_literals;
using Kind = RateLimits::Kind;

constexpr directory::AccountId kOne{0, 1};
constexpr directory::AccountId kOther{0, 2};

TEST(RateLimits, SoManyInASecondAndThenNoMore) {
  RateLimits limits;
  const base::TimePoint now{};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits.take(kOne, Kind::Call, 3, now + 100ms * i));
  EXPECT_FALSE(limits.take(kOne, Kind::Call, 3, now + 999ms));
  EXPECT_TRUE(limits.take(kOther, Kind::Call, 3, now + 999ms)) << "another account";
  EXPECT_TRUE(limits.take(kOne, Kind::Other, 1, now + 999ms)) << "another kind";
  EXPECT_TRUE(limits.take(kOne, Kind::Call, 3, now + 1000ms));
}

TEST(RateLimits, WithoutALimitThereIsNone) {
  RateLimits limits;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limits.take(kOne, Kind::Call, 0, {}));
}

// vonage.md §2.8, the settings of the account.
TEST(RateLimits, AreThoseOfTheAccount) {
  const auto settings =
      parse_account_settings(R"({"api_key":"k","calls_per_second":3,"requests_per_second":"15"})");
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->calls_per_second, 3);
  EXPECT_EQ(settings->requests_per_second, 15);
  const auto again = parse_account_settings(to_json(*settings));
  EXPECT_EQ(again->calls_per_second, 3);
  EXPECT_EQ(again->requests_per_second, 15);
  EXPECT_EQ(parse_account_settings("{}")->calls_per_second, 0);
  for (const char* bad : {R"({"calls_per_second":-1})", R"({"calls_per_second":"some"})",
                          R"({"requests_per_second":1000001})", R"({"requests_per_second":true})"}) {
    EXPECT_FALSE(parse_account_settings(bad)) << bad;
  }
}

TEST(RateLimits, WhoAsksTooMuchIsToldToComeBackLater) {
  testing::AccountBench bench;
  directory::Account account = testing::entities().accounts[0];
  AccountSettings settings = settings_of(account);
  settings.calls_per_second = 1;
  settings.requests_per_second = 2;
  account.settings[std::string(kDialect)] = to_json(settings);
  store::LiveDirectory::Change change;
  change.put = {account};
  bool done = false;
  bench.services().directory.change(std::move(change), [&](Result<void>) { done = true; });
  bench.loop.run_until([&] { return done; });
  const std::string token = bench.bearer(bench.claims());
  const auto ask = [&](http::Method method, const char* path, const char* body = "") {
    return bench.ask(method, path, token, body);
  };
  constexpr const char* kCall =
      R"({"to":[{"type":"phone","number":"12025550150"}],"ncco":[],"event_url":["http://h/e"]})";
  EXPECT_EQ(ask(http::Method::Post, "/v1/calls", kCall).status, 201);
  const auto refused = ask(http::Method::Post, "/v1/calls", kCall);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("Retry-After"), "1");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(http::Method::Get, "/v1/calls").status, 200);
  EXPECT_EQ(ask(http::Method::Get, "/v1/calls").status, 429);
}

}  // namespace
}  // namespace sotto::vonage
