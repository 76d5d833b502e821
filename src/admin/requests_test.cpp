#include <gtest/gtest.h>

#include "admin/admin.h"
#include "campaign/campaign_json.h"
#include "crypto/password.h"
#include "dialect/host/testing/dialect_bench.h"
#include "store/campaign_call_store.h"
#include "store/outbox_store.h"
#include "store/token_store.h"

namespace sotto::admin {
namespace {

using text::Json;

constexpr std::string_view kToken = "a-token-of-the-operator";

class FakeBook final : public CampaignBook {
 public:
  std::vector<Entry> all() const override { return entries; }
  asio::awaitable<Result<void>> add(Json campaign) override {
    added.push_back(std::move(campaign));
    co_return Result<void>();
  }
  asio::awaitable<Result<void>> remove(std::string name) override {
    co_return fail(ErrorCode::Forbidden, "campaign \"" + name + "\" is in the configuration file");
  }

  std::vector<Entry> entries;
  std::vector<Json> added;
};

class FakeOperations final : public Operations {
 public:
  Result<void> reload() override { return fail(ErrorCode::Invalid, "sotto.toml:3: it is wrong"); }
  asio::awaitable<Json> diagnose() override { co_return text::JsonObject{{"findings", text::JsonArray{}}}; }
  asio::awaitable<Result<Json>> purge() override { co_return Json(text::JsonObject{{"rows", 3}}); }
  std::string sip_trace(const std::string& call, TraceFormat format) override {
    return (format == TraceFormat::Pcap ? "packets of " : "lines of ") + (call.empty() ? "all" : call);
  }
};

directory::Entities entities() {
  base::SeededRandom random(1);
  directory::Entities all;
  directory::Account account;
  account.id = directory::AccountId::make(random);
  account.name = "main";
  all.accounts.push_back(account);
  directory::Number number;
  number.id = directory::NumberId::make(random);
  number.digits = "12025550101";
  number.owner = account.id;
  number.assignment = directory::ToCampaign{"summer"};
  all.numbers.push_back(number);
  return all;
}

struct AdminRequests : testing::Test {
  AdminRequests() {
    campaign::Campaign summer;
    summer.name = "summer";
    summer.numbers = {"12025550101"};
    book.entries.push_back({std::make_shared<const campaign::Campaign>(summer), true});
    admin.add_routes(bench.router);
    write([](store::Connection& connection) {
      return store::add_token(connection, {crypto::token_fingerprint(kToken), "", "test", "admin", {}, {}});
    });
  }

  void write(store::Store::Change change) {
    bool done = false;
    ASSERT_TRUE(bench.services().store.write(std::move(change), [&](Result<void> result) {
      EXPECT_TRUE(result) << result.error().detail;
      done = true;
    }));
    bench.loop.run_until([&] { return done; });
  }

  http::Response send(http::Method method, const std::string& path, const std::string& body = {},
                      const http::Headers& more = {}) {
    http::Headers headers = more;
    if (!headers.contains("Authorization")) headers.add("Authorization", "Bearer " + std::string(kToken));
    return bench.send({method, std::string(kPrefix) + path, body, headers});
  }
  Json get(const std::string& path) {
    const http::Response response = send(http::Method::Get, path);
    EXPECT_EQ(response.status, 200) << response.body;
    return text::parse_json(response.body).value_or(Json());
  }
  static std::string sentence(const http::Response& response) {
    const Json json = text::parse_json(response.body).value_or(Json());
    return json["error"].text() == nullptr ? response.body : *json["error"].text();
  }

  dialect::testing::DialectBench bench{entities()};
  FakeBook book;
  FakeOperations operations;
  Admin admin{Context{bench.services(), book, operations}};
};

TEST_F(AdminRequests, WantABearerTokenAndNothingElse) {
  const std::string path = std::string(kPrefix) + "/campaigns";
  EXPECT_EQ(bench.send({http::Method::Get, path, "", {}}).status, 401);
  const http::Response with_cookie = bench.send({http::Method::Get, path, "", {{"Cookie", "token=x"}}});
  EXPECT_EQ(with_cookie.status, 401);
  EXPECT_NE(sentence(with_cookie).find("a cookie does not count"), std::string::npos);
  EXPECT_TRUE(with_cookie.headers.contains("WWW-Authenticate"));
  EXPECT_EQ(send(http::Method::Get, "/campaigns").status, 200);
  EXPECT_EQ(send(http::Method::Get, "/campaigns", "", {{"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(send(http::Method::Get, "/campaigns", "", {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(send(http::Method::Get, "/campaigns", "", {{"Origin", "http://pbx.example"}}).status, 200);
}

TEST_F(AdminRequests, WrongTokensAreCountedAndThenNobodyIsHeard) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(send(http::Method::Get, "/calls", "", {{"Authorization", "Bearer wrong"}}).status, 401);
  const http::Response limited = send(http::Method::Get, "/calls");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.get("Retry-After"), "60");
}

TEST_F(AdminRequests, ATokenOfAnAccountIsNotTheOperators) {
  write([](store::Connection& connection) {
    return store::add_token(connection, {crypto::token_fingerprint("theirs"), "aa", "", "", {}, {}});
  });
  EXPECT_EQ(send(http::Method::Get, "/calls", "", {{"Authorization", "Bearer theirs"}}).status, 401);
}

TEST_F(AdminRequests, TraceOfOneCallOrOfAll) {
  const http::Response all = send(http::Method::Get, "/sip/trace");
  EXPECT_EQ(all.body, "lines of all");
  EXPECT_EQ(all.headers.get("Content-Type"), "text/plain; charset=utf-8");
  const http::Response one = send(http::Method::Get, "/sip/trace?format=pcap&call=abc%40pbx");
  EXPECT_EQ(one.body, "packets of abc@pbx");
  EXPECT_EQ(one.headers.get("Content-Type"), "application/vnd.tcpdump.pcap");
  EXPECT_EQ(send(http::Method::Get, "/sip/trace?call=" + std::string(32, '0')).status, 404);
  EXPECT_EQ(sentence(send(http::Method::Get, "/sip/trace?format=xml")),
            "format: allowed is \"ladder\", \"messages\" or \"pcap\"");
}

TEST_F(AdminRequests, ErrorsCarryTheirSentence) {
  const http::Response reloaded = send(http::Method::Post, "/config/reload");
  EXPECT_EQ(reloaded.status, 400);
  EXPECT_EQ(sentence(reloaded), "sotto.toml:3: it is wrong");
  EXPECT_EQ(send(http::Method::Delete, "/campaigns/summer").status, 403);
  EXPECT_EQ(send(http::Method::Get, "/campaigns/winter").status, 404);
  EXPECT_EQ(send(http::Method::Get, "/calls/xyz").status, 400);
  EXPECT_EQ(send(http::Method::Get, "/calls/" + std::string(32, '0')).status, 404);
  EXPECT_EQ(send(http::Method::Delete, "/calls/" + std::string(32, '1')).status, 404);
  EXPECT_EQ(sentence(send(http::Method::Get, "/calls?limit=0")),
            "limit: found \"0\"; allowed is a number from 1 to 1000");
  EXPECT_NE(sentence(send(http::Method::Get, "/report?by=colour")).find("colour"), std::string::npos);
  EXPECT_EQ(send(http::Method::Get, "/report?from=yesterday").status, 400);
  EXPECT_EQ(send(http::Method::Post, "/campaigns", "[1]").status, 400);
}

TEST_F(AdminRequests, CampaignsAreListedAndAdded) {
  const Json list = get("/campaigns");
  ASSERT_EQ(list["campaigns"].array()->size(), 1);
  EXPECT_EQ((*list["campaigns"].array())[0]["configured"], Json(true));
  EXPECT_EQ(send(http::Method::Post, "/campaigns", R"({"name":"winter"})").status, 201);
  ASSERT_EQ(book.added.size(), 1);
  EXPECT_EQ(book.added[0]["name"], Json("winter"));
}

TEST_F(AdminRequests, TheDirectoryAndItsRoutesAreShown) {
  const Json numbers = get("/numbers");
  EXPECT_EQ((*numbers["numbers"].array())[0]["does"], Json("campaign summer"));
  EXPECT_EQ(get("/route/12025550101")["route"], Json("campaign summer"));
  const Json refused = get("/route/12025550199");
  EXPECT_TRUE(refused["route"].text()->starts_with("refused: "));
  EXPECT_FALSE(refused["steps"].array()->empty());
  EXPECT_TRUE(get("/phones")["phones"].array()->empty());
  EXPECT_TRUE(get("/trunks")["trunks"].array()->empty());
  EXPECT_TRUE(get("/applications")["applications"].array()->empty());
}

TEST_F(AdminRequests, ACallIsShownByAnyOfItsLegs) {
  call::Leg leg;
  leg.id = call::LegId{1, 1};
  leg.call = call::CallId{2, 2};
  leg.room = call::RoomId{3, 3};
  leg.from = {base::Address::Kind::Number, "12025550147", ""};
  leg.to = {base::Address::Kind::Number, "12025550101", ""};
  write([leg](store::Connection& connection) { return store::put_leg(connection, leg); });
  for (const std::string& id : {base::to_hex(leg.id), base::to_hex(leg.call)}) {
    const Json shown = get("/calls/" + id);
    EXPECT_EQ(shown["call"], Json(base::to_hex(leg.call)));
    EXPECT_EQ((*shown["legs"].array())[0]["from"], Json("12025550147"));
    EXPECT_TRUE(get("/calls/" + id + "/hearing")["hearing"].array()->empty());
  }
  EXPECT_EQ(get("/calls?number=12025550101")["legs"].array()->size(), 1);
  EXPECT_EQ(get("/calls?number=12025550102")["legs"].array()->size(), 0);
  EXPECT_EQ(send(http::Method::Post, "/calls/" + base::to_hex(leg.call) + "/supervise", R"({"mode":"shout"})")
                .status,
            400);
}

TEST_F(AdminRequests, AReportHasARowForEveryNumber) {
  campaign::CallRecord record;
  record.campaign = "summer";
  record.number = "12025550101";
  record.started = base::WallTime(std::chrono::seconds(1'770'000'000));
  record.outcome = campaign::CallOutcome::Answered;
  const store::CampaignCall row{"aa", record.started, "summer", "", text::to_text(campaign::to_json(record))};
  write([row](store::Connection& connection) { return store::add_campaign_calls(connection, {row}); });
  EXPECT_EQ(get("/report")["totals"]["calls"], Json(1));
  EXPECT_EQ(get("/report?from=2026-02-03")["totals"]["calls"], Json(0));
  EXPECT_EQ((*get("/report?by=number")["rows"].array())[0]["number"], Json("12025550101"));
  const http::Response csv = send(http::Method::Get, "/report?format=csv");
  EXPECT_TRUE(csv.headers.get("Content-Type").starts_with("text/csv"));
}

TEST_F(AdminRequests, DeadLettersAreListedAndShown) {
  store::Delivery delivery;
  delivery.id = "ab";
  delivery.url = "http://app.example/event";
  delivery.method = "POST";
  delivery.body = "{}";
  write([delivery](store::Connection& connection) -> Result<void> {
    if (auto added = store::add_delivery(connection, delivery); !added) return added;
    return store::bury_delivery(connection, "ab", "connection refused");
  });
  const Json list = get("/webhooks");
  ASSERT_EQ(list["webhooks"].array()->size(), 1);
  EXPECT_EQ((*list["webhooks"].array())[0]["error"], Json("connection refused"));
  EXPECT_EQ(get("/webhooks/ab")["body"], Json("{}"));
  EXPECT_EQ(send(http::Method::Get, "/webhooks/none").status, 404);
}

}  // namespace
}  // namespace sotto::admin
