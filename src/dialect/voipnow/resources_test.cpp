// OAuth, phoneCallEvents, presence and queue agents (contract sections 1.5, 4 and 5), and clients' quirks.
#include "dialect/voipnow/settings.h"
#include "dialect/voipnow/testing/office.h"
#include "dialect/voipnow/values.h"
#include "text/form.h"

namespace sotto::voipnow::testing {
namespace {

using namespace std::chrono_literals;

http::Response token_request(Office& office, const std::string& body, const std::string& type,
                             const std::string& target = "/oauth/token.php") {
  return office.send({Method::Post, target, body, {{"Content-Type", type}}});
}
constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kGood = "grant_type=client_credentials&client_id=app&client_secret=secret";

TEST(OAuth, FiveStylesOfBody) {
  Office office;
  const std::string multipart =
      "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\napp\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\nsecret\r\n--b--\r\n";
  for (const auto& [body, type] :
       {std::pair{std::string(kGood), std::string(kForm)},
        std::pair{"&" + std::string(kGood), std::string(kForm)},
        std::pair{std::string(kGood) + "&redirect_uri=x&type=unifiedapi&state=0", std::string(kForm)},
        std::pair{multipart, std::string("multipart/form-data; boundary=b")},
        std::pair{std::string(kGood), std::string()}}) {
    const auto reply = token_request(office, body, type);
    EXPECT_EQ(reply.status, 200) << body;
    EXPECT_EQ(reply.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(reply.headers.get("Cache-Control"), "no-store");
    const Json json = text::parse_json(reply.body).value_or(Json());
    EXPECT_EQ(*json["expires_in"].integer(), 3600);
    EXPECT_EQ(json["access_token"].text()->size(), 43);
    EXPECT_EQ(json["access_token"].text()->find(':'), std::string::npos);
    EXPECT_EQ(json.find("refresh_token"), nullptr);
  }
  EXPECT_EQ(token_request(office, kGood, kForm, "https://pbx.example/oauth/token.php").status, 200);
}

TEST(OAuth, ErrorsAreThoseOfTheRfc) {
  Office office(
      R"({"app_id":"app","app_secret":"secret","apps":[{"app_id":"u","app_secret":"s","trusted":false}]})");
  for (const auto& [body, status, error] :
       {std::tuple{"grant_type=client_credentials&client_id=app&client_secret=no", 401, "invalid_client"},
        std::tuple{"grant_type=client_credentials&client_id=no&client_secret=secret", 401, "invalid_client"},
        std::tuple{"client_id=app&client_secret=secret", 400, "invalid_request"},
        std::tuple{"", 400, "invalid_request"},
        std::tuple{"grant_type=password&client_id=app&client_secret=secret", 400, "unsupported_grant_type"},
        std::tuple{"grant_type=client_credentials&client_id=u&client_secret=s", 400, "unauthorized_client"},
        std::tuple{"grant_type=authorization_code&client_id=app&client_secret=secret", 400,
                   "invalid_request"},
        std::tuple{"grant_type=authorization_code&code=x&client_id=app&client_secret=secret", 400,
                   "invalid_grant"},
        std::tuple{"grant_type=refresh_token&refresh_token=x&client_id=app&client_secret=secret", 400,
                   "invalid_grant"}}) {
    const auto reply = token_request(office, body, kForm);
    EXPECT_EQ(reply.status, status) << body;
    EXPECT_EQ(*text::parse_json(reply.body).value_or(Json())["error"].text(), error) << body;
  }
  EXPECT_EQ(token_request(office, "", kForm, std::string("/oauth/token.php?") + kGood).status, 400);
}

TEST(OAuth, ConsentGivesACodeThatIsGoodOnce) {
  Office office(R"({"app_id":"app","app_secret":"secret","consent_password":"open",
                    "apps":[{"app_id":"u","app_secret":"s","trusted":false}]})");
  const std::string asked =
      "client_id=u&response_type=code&redirect_uri=http%3A%2F%2Fapp.example%2Fback&state=abc";
  const auto page = office.send({Method::Get, "/oauth/authorize.php?" + asked, {}, {}});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("name=\"password\""), std::string::npos);
  const auto answer = [&](const std::string& more) {
    return office.send({Method::Post, "/oauth/authorize.php", asked + more, {{"Content-Type", kForm}}});
  };
  EXPECT_EQ(answer("&answer=allow&password=wrong").status, 403);
  EXPECT_EQ(answer("&answer=deny").headers.get("Location"),
            "http://app.example/back?error=access_denied&state=abc");
  const auto allowed = answer("&answer=allow&password=open");
  EXPECT_EQ(allowed.status, 302);
  const auto back = text::parse_uri(allowed.headers.get("Location"));
  const auto parameters = text::parse_form(*back->query);
  const std::string code = *text::find_parameter(*parameters, "code");
  const std::string redeem = "grant_type=authorization_code&client_id=u&client_secret=s&code=" + code;
  const auto first = token_request(office, redeem, kForm);
  EXPECT_EQ(first.status, 200);
  const Json json = text::parse_json(first.body).value_or(Json());
  EXPECT_EQ(token_request(office, redeem, kForm).status, 400);
  const std::string refresh = *json["refresh_token"].text();
  const auto again = token_request(
      office, "grant_type=refresh_token&client_id=u&client_secret=s&refresh_token=" + refresh, kForm);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(office
                .send({Method::Get,
                       "/oauth/authorize.php?client_id=u&response_type=code&redirect_uri=ftp://x",
                       {},
                       {}})
                .status,
            400);
}

TEST(OAuth, EveryRequestNeedsATokenOfTheApi) {
  Office office;
  const auto with = [&](const http::Headers& headers) {
    return office.send({Method::Get, "/uapi/phoneCalls/@me/@self", {}, headers});
  };
  for (const http::Headers& headers : {http::Headers{}, http::Headers{{"Authorization", "Bearer wrong"}},
                                       http::Headers{{"Authorization", office.token}},
                                       http::Headers{{"Authorization", "Basic " + office.token}},
                                       http::Headers{{"Authentication", "Bearer " + office.token}}}) {
    const auto reply = with(headers);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(Office::reply_of(reply).code(), "access_denied");
    EXPECT_EQ(reply.headers.get("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(with({{"Authorization", "bEARER   " + office.token}}).status, 200);
}

TEST(Paths, WhatClientsSend) {
  Office office;
  office.talk();
  for (const char* path :
       {"/uapi/phoneCalls/57/0042*310/", "/uapi/phoneCalls/57/0042*310/?count=5",
        "//uapi//phoneCalls/57/0042%2a310", "/unifiedapi/phoneCalls/57/310", "/uapi/phoneCall/57/310",
        "http://pbx.example/uapi/phoneCalls/%40me/%40self", "/uapi/phoneCalls/@viewer/@self?sortOder=x"}) {
    const auto reply = Office::reply_of(office.send({Method::Get, path, "ignored", office.headers()}));
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(*reply.body["totalResults"].integer(), 1) << path;
  }
}

TEST(PhoneCallEvents, AreRegisteredChangedAndDeleted) {
  Office office;
  const std::string base = "/extensions/57/0042*310/phoneCallEvents";
  for (const auto& [path, body, code] :
       {std::tuple{base, "{}", "pcet_type_invalid"},
        std::tuple{base, R"({"type":5,"url":"http://a/"})", "pcet_type_invalid"},
        std::tuple{base, R"({"type":0})", "pce_url_invalid"},
        std::tuple{base, R"({"type":0,"url":"a"})", "pce_url_invalid"},
        std::tuple{base, R"({"type":0,"url":"http://a/","method":2})", "pce_method_invalid"},
        std::tuple{base, R"({"type":0,"url":"http://a/","status":"x"})", "pce_status_invalid"},
        std::tuple{base, "x", "request_invalid"},
        std::tuple{std::string("/extensions/57/@self/phoneCallEvents"), R"({"type":0,"url":"http://a/"})",
                   "extension_invalid"}}) {
    EXPECT_EQ(office.post(path, body).code(), code) << body;
  }
  const auto made =
      office.post(base, R"({"type":"0","url":"http://app.example/e?x=1","method":"1","note":"hello"})");
  EXPECT_EQ(made.status, 200);
  const std::string id = *made.body["id"].text();
  EXPECT_EQ(*made.body["links"]["self"].text(), "http://pbx.example/uapi" + base + "/0/" + id);
  const auto list = office.get(base + "/0/" + id);
  EXPECT_EQ(list.body["entry"].array()->size(), 1);
  const Json& entry = list.body["entry"].array()->front();
  EXPECT_EQ(*entry["method"].text(), "1");
  EXPECT_EQ(*entry["status"].text(), "1");
  EXPECT_EQ(office.put(base + "/0/" + id, R"({"status":0})").status, 200);
  EXPECT_EQ(*office.get(base).body["entry"].array()->front()["status"].text(), "0");
  EXPECT_EQ(office.put(base + "/0/nobody", R"({"status":0})").code(), "pce_id_invalid");
  EXPECT_EQ(office.put(base + "/7/" + id, R"({"status":0})").code(), "pce_type_invalid");
  EXPECT_EQ(office.get(base + "/7").code(), "pcet_type_invalid");
  EXPECT_EQ(office.erase(base + "/1").status, 204);
  const auto gone = office.erase(base + "/0");
  EXPECT_EQ(*gone.body.array()->front()["id"].text(), id);
  EXPECT_EQ(office.erase(base + "/0/" + id).code(), "pce_id_invalid");
}

TEST(Presence, TellsPhonesAndWhetherTheyAreBusy) {
  Office office;
  const auto all = office.get("/extensions/57/@self/presence/");
  EXPECT_EQ(*all.body["totalResults"].integer(), 2);
  EXPECT_EQ(*all.body["entry"].array()->front()["status"].text(), "0");
  office.begin_call();
  office.world.switchboard.on_ringing(office.agent, false);
  EXPECT_EQ(*office.get("/extensions/57/310/presence").body["status"].text(), "2");
  office.world.switchboard.on_answered(office.agent);
  EXPECT_EQ(*office.get("/extensions/57/310/presence").body["status"].text(), "3");
  EXPECT_EQ(office.get("/extensions/57/390/presence").code(), "extension_invalid");
  EXPECT_EQ(office.get("/extensions/@owner/@self/presence").code(), "extension_invalid");
}

TEST(QueueAgents, AreListedAndPaused) {
  Office office;
  const std::string base = "/extensions/57/0042*390/queue/agents";
  EXPECT_EQ(*office.get(base).body["totalResults"].integer(), 2);
  const auto paused = office.put(base + "/0042*310", R"({"status":"2"})");
  EXPECT_EQ(paused.status, 200);
  EXPECT_EQ(*paused.body.array()->front()["agentNumber"].text(), kAgent);
  const auto list = office.get(base + "?filterBy=status&filterValue=2");
  EXPECT_EQ(*list.body["totalResults"].integer(), 1);
  EXPECT_EQ(office.put(base + "/0042*310", R"({"status":3})").code(), "status_invalid");
  EXPECT_EQ(office.put(base + "/0042*310", "[]").code(), "request_invalid");
  EXPECT_EQ(office.put(base + "/555", R"({"status":1})").code(), "qag_agent_invalid");
  EXPECT_EQ(office.get("/extensions/57/@self/queue/agents").code(), "extension_invalid");
  EXPECT_EQ(office.get("/extensions/57/310/queue/agents").code(), "extension_invalid");
}

TEST(Settings, AreCompletedAndChecked) {
  base::SeededRandom random(1);
  const auto complete = complete_settings("", random);
  ASSERT_TRUE(complete);
  const auto settings = parse_settings(*complete);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->apps.size(), 1);
  EXPECT_FALSE(settings->consent_password.empty());
  EXPECT_EQ(*complete_settings(*complete, random), *complete);
  for (const char* bad :
       {R"({"app_id":"a:b"})", R"({"apps":[{"app_id":"a"}]})", R"({"action_reply":"maybe"})",
        R"({"empty_reply":"x"})", R"({"create_reply":"x"})", R"({"expired_status":500})", "[]",
        R"({"apps":[{"app_id":"a","app_secret":"b","user":"x"}]})"}) {
    EXPECT_FALSE(complete_settings(bad, random)) << bad;
  }
}

TEST(Values, CallerIds) {
  EXPECT_EQ(*parse_caller_id("Dana Pop <+40215550147>"), (CallerId{"Dana Pop", "+40215550147"}));
  EXPECT_EQ(to_text(*parse_caller_id(" <1*2> ")), "<1*2>");
  EXPECT_EQ(parse_caller_id(std::string(81, 'x') + " <1>"), std::nullopt);
  EXPECT_EQ(parse_caller_id(std::string("\xFF <1>")), std::nullopt);
  EXPECT_EQ(view_id(7), "07");
  EXPECT_EQ(view_id(100), "100");
}

}  // namespace
}  // namespace sotto::voipnow::testing
