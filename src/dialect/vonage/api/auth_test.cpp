#include "dialect/vonage/api/auth.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "dialect/vonage/testing/account_bench.h"
#include "dialect/vonage/webhooks/sender.h"

namespace sotto::vonage {
namespace {

using http::Method;
using testing::AccountBench;
using text::Json;
using text::JsonObject;

// vonage.md §1.2
TEST(Auth, PathsOfAnAccessListAreMatchedBySegments) {
  const struct {
    const char* paths;
    const char* path;
    bool allowed;
  } kCases[] = {{R"({"/*/calls/**":{}})", "/v1/calls", true},
                {R"({"/*/calls/**":{}})", "/v1/calls/", true},
                {R"({"/*/calls/**":{}})", "/v1/calls/63f61863/talk", true},
                {R"({"/*/calls/**":{}})", "/v1/files/63f61863", false},
                {R"({"/*/conversations/**":{},"/*/calls/**":{}})", "/v1/calls", true},
                {R"({"/**":{}})", "/v3/files/1", true},
                {R"({"/v1/calls":{}})", "/v1/calls", true},
                {R"({"/v1/calls":{}})", "/v1/calls/1", false},
                {R"({"/v1/calls/*":{}})", "/v1/calls/1", true},
                {R"({"/v1/calls/*":{}})", "/v1/calls/1/talk", false},
                {R"({"/*/**/talk":{}})", "/v1/calls/1/talk", true},
                {R"({"/*/**/talk":{}})", "/v1/calls/1/stream", false},
                {R"({"/*/calls/**":{"methods":["GET"]}})", "/v1/calls", true},
                {R"({"/*/calls/**":{"methods":["post"]}})", "/v1/calls", false},
                {R"({"/*/calls/**":{"methods":["POST"]},"/v1/**":{}})", "/v1/calls", true},
                {R"({})", "/v1/calls", false}};
  for (const auto& each : kCases) {
    const Json acl = JsonObject{{"paths", *text::parse_json(each.paths)}};
    EXPECT_EQ(acl_allows(acl, "GET", each.path), each.allowed) << each.paths << " " << each.path;
  }
}

TEST(Auth, ATokenIsTakenWithTheClaimsThatClientsSend) {
  AccountBench bench;
  const int64_t now = bench.now();
  const struct {
    const char* what;
    JsonObject more;
    int status;
  } kCases[] = {{"nexmo 2.9.1: no exp", {}, 200},
                {"sdk 3", {{"exp", now + 900}}, 200},
                {"cli 1.2.4: exp in milliseconds", {{"exp", now * 1000}}, 200},
                {"a clock that is a bit behind", {{"exp", now - 30}}, 200},
                {"expired", {{"exp", now - 300}}, 401},
                {"not yet", {{"nbf", now + 300}}, 401},
                {"standard list", {{"acl", *text::parse_json(R"({"paths":{"/*/calls/**":{}}})")}}, 200},
                {"other paths", {{"acl", *text::parse_json(R"({"paths":{"/*/users/**":{}}})")}}, 401},
                {"no paths", {{"acl", *text::parse_json(R"({"paths":{}})")}}, 401},
                {"a user", {{"sub", "alice"}}, 200}};
  for (const auto& each : kCases) {
    JsonObject claims = bench.claims();
    for (const text::JsonMember& member : each.more.members()) claims.set(member.key, member.value);
    EXPECT_EQ(bench.ask(Method::Get, "/v1/calls", bench.bearer(claims)).status, each.status) << each.what;
  }
}

// vonage.md §1.2: each claim of a kind that it cannot be.
TEST(Auth, ATokenWithAMalformedClaimIsRefused) {
  AccountBench bench;
  const struct {
    const char* claim;
    Json value;
  } kCases[] = {{"application_id", Json()},
                {"application_id", Json(7)},
                {"application_id", Json("nobody's")},
                {"iat", Json()},
                {"iat", Json(bench.now() + 3600)},
                {"jti", Json()},
                {"exp", Json("tomorrow")},
                {"nbf", Json("tomorrow")},
                {"acl", Json("all")},
                {"acl", JsonObject{{"paths", "all"}}}};
  for (const auto& each : kCases) {
    JsonObject claims = bench.claims();
    claims.set(each.claim, each.value);
    const http::Response response = bench.ask(Method::Get, "/v1/calls", bench.bearer(claims));
    EXPECT_EQ(response.status, 401) << each.claim << " " << text::to_text(each.value) << response.body;
  }
}

// What the operator's file names is changed there, not by a request.
TEST(Applications, OneOfTheConfigurationFileIsNotChangedByARequest) {
  AccountBench bench;
  const std::string path = std::string("/v2/applications/") + testing::kApplication;
  EXPECT_EQ(bench.ask(Method::Put, path, testing::kBasic, R"({"name":"mine"})").status, 200);
  ASSERT_TRUE(bench.services().directory.reconfigure(testing::entities()));
  for (const Method method : {Method::Put, Method::Delete}) {
    const http::Response response = bench.ask(method, path, testing::kBasic, R"({"name":"mine"})");
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ((*text::parse_json(response.body))["title"], Json("Forbidden"));
  }
}

TEST(Auth, AForgedTokenIsRefused) {
  AccountBench bench;
  const std::string claims = text::to_text(Json(bench.claims()));
  // Keyed with what everybody may know.
  const std::string forged = crypto::sign_jwt_hs256(claims, testing::private_key().public_key().to_pem());
  JsonObject stranger = bench.claims();
  stranger.set("application_id", "00000000-0000-0000-0000-000000000008");
  for (const std::string& each : {std::string(), std::string("Bearer"), "Bearer " + forged,
                                  bench.bearer(stranger), bench.bearer({}), std::string(testing::kBasic)}) {
    const http::Response response = bench.ask(Method::Get, "/v1/calls", each);
    EXPECT_EQ(response.status, 401) << each;
    EXPECT_EQ((*text::parse_json(response.body))["type"], Json("UNAUTHORIZED"));
  }
}

// vonage.md §1.1: in this order, whatever the endpoint.
TEST(Auth, AKeyAndSecretMayStandAnywhere) {
  AccountBench bench;
  const std::string query = "?api_key=abcd1234&api_secret=s3cretS3cret";
  EXPECT_EQ(bench.ask(Method::Get, "/account/numbers", testing::kBasic).status, 200);
  EXPECT_EQ(bench.ask(Method::Get, "/account/numbers" + query, {}).status, 200);
  EXPECT_EQ(bench.ask(Method::Get, "/account/numbers" + query, "Basic eA==").status, 200);
  EXPECT_EQ(
      bench.ask(Method::Post, "/account/top-up", {}, R"({"api_key":"abcd1234","api_secret":"s3cretS3cret"})")
          .status,
      200);
  dialect::testing::DialectBench::Sent form{Method::Post, "/account/top-up", query.substr(1), {}};
  form.headers.add("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(bench.send(form).status, 200);
  EXPECT_EQ(bench.ask(Method::Get, "/account/numbers?api_key=abcd1234&api_secret=wrong", {}).status, 401);
}

// vonage.md §1.4
TEST(Auth, AWebhooksTokenNamesWhatItSigns) {
  const base::WallTime now{std::chrono::seconds(1'700'000'000)};
  const std::string token = signature_token({"app", "abcd1234", "signature", "id", now}, R"({"a":1})");
  ASSERT_TRUE(crypto::verify_jwt_hs256(token, "signature"));
  EXPECT_FALSE(crypto::verify_jwt_hs256(token, "another"));
  const Json claims = *text::parse_json(crypto::read_unverified_jwt(token)->claims);
  EXPECT_EQ(claims["iss"], Json("Vonage"));
  EXPECT_EQ(claims["iat"], Json(1'700'000'000));
  EXPECT_EQ(claims["jti"], Json("id"));
  EXPECT_EQ(claims["application_id"], Json("app"));
  EXPECT_EQ(claims["api_key"], Json("abcd1234"));
  EXPECT_EQ(claims["payload_hash"], Json(crypto::digest_hex(crypto::Digest::Sha256, R"({"a":1})")));
}

}  // namespace
}  // namespace sotto::vonage
