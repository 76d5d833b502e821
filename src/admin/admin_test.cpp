#include "admin/admin.h"

#include <gtest/gtest.h>

#include "admin/rate_limit.h"
#include "admin/resources.h"
#include "admin/zones.h"

namespace sotto::admin {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kStart{1h};

asio::awaitable<http::Response> not_asked(http::Request) {
  co_return http::Response();
}

TEST(RateLimit, AllowsSoManyAMinuteForEachAddress) {
  RateLimit limit(2, 10);
  EXPECT_TRUE(limit.take("a", kStart));
  EXPECT_TRUE(limit.take("a", kStart));
  EXPECT_FALSE(limit.take("a", kStart + 59s));
  EXPECT_FALSE(limit.has_room("a", kStart + 59s));
  EXPECT_TRUE(limit.take("b", kStart));
  EXPECT_TRUE(limit.has_room("a", kStart + 60s));
  EXPECT_TRUE(limit.take("a", kStart + 60s));
}

TEST(RateLimit, RemembersABoundedNumberOfAddresses) {
  RateLimit limit(2, 3);
  for (const char* address : {"a", "b", "c"}) EXPECT_TRUE(limit.take(address, kStart));
  EXPECT_FALSE(limit.take("d", kStart + 1s));
  EXPECT_TRUE(limit.take("d", kStart + 61s));
  EXPECT_EQ(limit.keys(), 1);
}

TEST(Guard, APageOfAnotherSiteIsNotOurs) {
  EXPECT_TRUE(is_own_page("", "127.0.0.1:8080"));
  EXPECT_TRUE(is_own_page("http://127.0.0.1:8080", "127.0.0.1:8080"));
  EXPECT_TRUE(is_own_page("https://Voice.example.com", "voice.example.com"));
  EXPECT_FALSE(is_own_page("https://evil.example", "127.0.0.1:8080"));
  EXPECT_FALSE(is_own_page("null", "127.0.0.1:8080"));
  EXPECT_FALSE(is_own_page("http://127.0.0.1:8080.evil.example", "127.0.0.1:8080"));
}

TEST(Zones, ComeFromTheSystemAndFromNowhereElse) {
  const auto berlin = load_zone("Europe/Berlin");
  ASSERT_TRUE(berlin) << berlin.error().detail;
  EXPECT_EQ(berlin->offset_at(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1)), 2h);
  EXPECT_EQ(load_zone("UTC")->name(), "UTC");
  for (const char* name : {"", "Nowhere", "../../../etc/passwd", "/etc/passwd", "Europe"}) {
    EXPECT_EQ(load_zone(name).error().code, ErrorCode::NotFound) << name;
  }
}

TEST(Resources, EachIsListedOnce) {
  http::Router router;
  for (const Resource& each : resources()) {
    router.add(each.method, std::string(kPrefix) + std::string(each.pattern), not_asked);
  }
  EXPECT_EQ(router.list().size(), resources().size());
}

}  // namespace
}  // namespace sotto::admin
