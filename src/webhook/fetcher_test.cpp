#include "webhook/fetcher.h"

#include <gtest/gtest.h>

#include "webhook/testing/receiver.h"

namespace sotto::webhook {
namespace {

using namespace std::chrono_literals;

struct FetcherTest : testing::Test {
  net::Loop loop;
  Receiver app{loop};
  http::Client client{loop};
  Fetcher fetcher{loop, client, {}};

  http::FetchResult fetch(RetryPolicy policy) {
    http::FetchRequest request{.url = app.url("/answer"), .total_deadline = 500ms};
    return net::run(loop, fetcher.fetch(std::move(request), std::move(policy)));
  }
};

TEST_F(FetcherTest, AnAnswerNeedsOneAttempt) {
  const auto reply = fetch({.pauses = {1ms, 1ms}, .on_5xx = true});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "answer 1");
}

TEST_F(FetcherTest, WhatThePolicyNamesIsTriedAgainAndTheLastAnswerCounts) {
  app.set_answer([](const auto&, size_t count) { return count < 3 ? 503 : 200; });
  EXPECT_EQ(fetch({.pauses = {1ms, 1ms}, .on_5xx = true})->status, 200);
  EXPECT_EQ(app.arrivals().size(), 3u);
  app.set_answer([](const auto&, size_t) { return 503; });
  EXPECT_EQ(fetch({.pauses = {1ms}, .on_5xx = true})->status, 503);
  EXPECT_EQ(app.arrivals().size(), 5u);
}

TEST_F(FetcherTest, WhatThePolicyDoesNotNameIsAReplyLikeAnyOther) {
  app.set_answer([](const auto&, size_t) { return 404; });
  EXPECT_EQ(fetch({.pauses = {1ms, 1ms}, .on_5xx = true})->status, 404);
  EXPECT_EQ(app.arrivals().size(), 1u);
}

TEST_F(FetcherTest, PrivateTargetsAreRefusedWhenTheSettingSaysSo) {
  Fetcher careful(loop, client, {.private_targets = http::PrivateTargets::Refused});
  http::FetchRequest request{.url = app.url("/answer")};
  const auto reply = net::run(loop, careful.fetch(std::move(request), {}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, http::FetchFault::PrivateTarget);
  EXPECT_NE(reply.error().detail.find("private_targets"), std::string::npos);
}

asio::awaitable<void> fetch_for_ever(Fetcher& fetcher, std::string url, bool& came_back) {
  http::FetchRequest request{.url = std::move(url)};
  RetryPolicy policy{.pauses = {1h}, .on_5xx = true};
  http::FetchResult result = co_await fetcher.fetch(std::move(request), std::move(policy));
  came_back = result.has_value();
}

TEST_F(FetcherTest, ATaskThatIsCancelledInAPauseEnds) {
  app.set_answer([](const auto&, size_t) { return 500; });
  net::TaskGroup group(loop.context());
  bool came_back = false;
  group.spawn(fetch_for_ever(fetcher, app.url("/answer"), came_back));
  loop.run_until([&] { return app.arrivals().size() == 1 && client.stats().open == 0; });
  group.close();
  net::run(loop, group.join());
  EXPECT_FALSE(came_back);
}

}  // namespace
}  // namespace sotto::webhook
