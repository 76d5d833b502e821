#include "dialect/twilio/startup.h"

#include <gtest/gtest.h>

#include "dialect/twilio/api/stored.h"
#include "dialect/twilio/testing/account_bench.h"
#include "net/run.h"

namespace sotto::twilio::testing {
namespace {

// What one run of the server stored, the next one knows.
TEST(Startup, QueuesWithTheirNamesAndSipDomainsAreThereAgain) {
  AccountBench bench;
  const auto made = bench.ask(http::Method::Post, "/Queues.json", {{"FriendlyName", "sales"}});
  ASSERT_EQ(made.status, 201);
  const std::string queue = *made.body["sid"].text();
  ASSERT_EQ(bench.ask(http::Method::Post, "/Queues/" + queue + ".json", {{"FriendlyName", "orders"}}).status,
            200);
  const auto domain = bench.ask(http::Method::Post, "/SIP/Domains.json",
                                {{"DomainName", "desk.example"}, {"VoiceUrl", "http://app/voice"}});
  ASSERT_EQ(domain.status, 201);
  Shared next(bench.services());
  net::run(bench.loop, load_stored(next));
  const std::string account = base::to_hex(entities().accounts[0].id);
  EXPECT_EQ(queue_sid(next.queues.key(scoped_name(account, "orders"))), queue);
  EXPECT_NE(queue_sid(next.queues.key(scoped_name(account, "sales"))), queue);
  EXPECT_EQ(next.domains.sid(account, "DESK.example"), *domain.body["sid"].text());
  ASSERT_NE(next.domains.voice(account, "desk.example"), nullptr);
  EXPECT_EQ(next.domains.voice(account, "desk.example")->url, "http://app/voice");
  EXPECT_EQ(next.domains.voice(account, "other.example"), nullptr);
}

}  // namespace
}  // namespace sotto::twilio::testing
