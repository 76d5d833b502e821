// What every request but the supervisor's own (supervise_test.cpp) refuses: each segment of its path, each
// field of its body, each parameter, with the exact status and code (contract sections 1.8, 3, 4 and 5); and
// what it takes although it is odd.
#include "crypto/password.h"
#include "dialect/voipnow/testing/office.h"
#include "store/token_store.h"

namespace sotto::voipnow::testing {
namespace {

struct Row {
  Method method;
  std::string path;
  std::string body;
  int status;
  const char* code;
};

void expect_each(Office& office, const std::vector<Row>& rows) {
  const size_t dialled = office.world.signalling.dialled.size();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path + " " + row.body);
    const auto reply =
        Office::reply_of(office.send({row.method, "/uapi" + row.path, row.body, office.headers()}));
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.code(), row.code);
    if (row.status >= 400) {
      EXPECT_NE(reply.body["error"]["message"].text(), nullptr);
    }
  }
  EXPECT_EQ(office.world.signalling.dialled.size(), dialled) << "a phone rang";
}

TEST(Malformed, SegmentsOfEveryPath) {
  Office office;
  office.talk();
  std::vector<Row> rows;
  for (const auto& [method, after] :
       {std::pair{Method::Get, std::string()}, std::pair{Method::Get, "/" + office.key},
        std::pair{Method::Delete, std::string()}, std::pair{Method::Delete, "/" + office.key}}) {
    rows.push_back({method, "/phoneCalls/999999/0042*310" + after, "", 400, "user_invalid"});
    rows.push_back({method, "/phoneCalls/x/0042*310" + after, "", 400, "user_invalid"});
    rows.push_back({method, "/phoneCalls/57/0042*999" + after, "", 400, "extension_invalid"});
    rows.push_back({method, "/phoneCalls/57/+40215550147" + after, "", 400, "extension_invalid"});
  }
  rows.push_back({Method::Get, "/phoneCalls/57/0042*310/!!", "", 400, "pc_phonecall_invalid"});
  rows.push_back({Method::Delete, "/phoneCalls/57/0042*310/!!", "", 400, "pc_phonecall_invalid"});
  rows.push_back(
      {Method::Delete, "/phoneCalls/57/0042*310/0123456789abcdef0123", "", 400, "pc_phonecall_invalid"});
  for (const char* kind : {"simple", "callback", "conferenceInvite"})
    rows.push_back({Method::Post, std::string("/phoneCalls/999999/") + kind, "{}", 400, "user_invalid"});
  for (const char* resource : {"phoneCallEvents", "presence", "queue/agents"}) {
    for (const auto& [place, code] : {std::pair{"/extensions/999999/0042*310/", "user_invalid"},
                                      std::pair{"/extensions/me/0042*310/", "user_invalid"},
                                      std::pair{"/extensions/57/0042*999/", "extension_invalid"},
                                      std::pair{"/extensions/57/0043*400/", "extension_invalid"}}) {
      rows.push_back({Method::Get, std::string(place) + resource, "", 400, code});
    }
  }
  for (const Method method : {Method::Get, Method::Delete}) {
    const bool get = method == Method::Get;
    rows.push_back({method, "/extensions/57/0042*310/phoneCallEvents/5", "", 400,
                    get ? "pcet_type_invalid" : "pce_type_invalid"});
    rows.push_back({method, "/extensions/57/0042*310/phoneCallEvents/0/!!", "", 400, "pce_id_invalid"});
    rows.push_back({method, "/extensions/57/@self/phoneCallEvents", "", 400, "extension_invalid"});
  }
  rows.push_back(
      {Method::Get, "/extensions/57/0042*390/queue/agents/0042*319", "", 400, "qag_agent_invalid"});
  rows.push_back(
      {Method::Put, "/extensions/57/0042*310/queue/agents/0042*310", "{}", 400, "extension_invalid"});
  for (const auto& [method, path] :
       {std::pair{Method::Post, "/phoneCalls/57/0042*310"},
        std::pair{Method::Put, "/extensions/57/310/presence"}, std::pair{Method::Get, "/cdr/57"},
        std::pair{Method::Get, "/faxes/57"}, std::pair{Method::Get, "/"},
        std::pair{Method::Get, "/phonecalls/57/310"},
        std::pair{Method::Delete, "/extensions/57/310/presence"}}) {
    rows.push_back({method, path, "", 501, "request_not_implemented"});
  }
  expect_each(office, rows);
}

TEST(Malformed, FieldsOfTheActionsOfACall) {
  Office office;
  office.talk();
  std::vector<Row> rows;
  const auto refuse = [&](const std::string& action, const std::string& fields, int status,
                          const char* code) {
    rows.push_back({Method::Put, office.call_path(),
                    R"({"action":")" + action + "\"" + (fields.empty() ? "" : ",") + fields + "}", status,
                    code});
  };
  for (const char* action : {"Park", "OnHold", "OffHold", "StartRecording", "StopRecording"}) {
    for (const char* view :
         {"", R"("phoneCallViewId":null)", R"("phoneCallViewId":"09")", R"("phoneCallViewId":"x")",
          R"("phoneCallViewId":[])", R"("phoneCallViewId":true)"}) {
      refuse(action, view, 400, "pc_phonecallview_invalid");
    }
  }
  const std::string view = R"("phoneCallViewId":"01")";
  for (const char* time : {"9", "3601", "\"x\"", "\"\"", "[]", "true", "1.5"})
    refuse("Park", view + R"(,"maxInParking":)" + time, 400, "pc_maxinparking_invalid");
  for (const char* format : {"\"ogg\"", "\"\"", "7", "[]"})
    refuse("StartRecording", view + R"(,"format":)" + format, 400, "pc_format_invalid");
  refuse("StartRecording", view + R"(,"format":"wav49")", 501, "request_not_implemented");
  for (const char* action : {"BargeIn", "Monitor", "PickUp", "UnPark"}) {
    for (const char* to :
         {"null", "\"\"", "\"0042*390\"", "\"0043*400\"", "\"+40215550147\"", "\"@self\"", "[]", "true"})
      refuse(action, view + R"(,"sendCallTo":)" + to, 400, "pc_sendcallto_invalid");
    refuse(action, view, 400, "pc_sendcallto_invalid");
    refuse(action, R"("sendCallTo":"0042*318")", 400, "pc_phonecallview_invalid");
  }
  for (const char* action : {"BargeIn", "Monitor"}) {
    const std::string good = view + R"(,"sendCallTo":"0042*318")";
    refuse(action, good + R"(,"callerId":"John Doe")", 400, "pc_callerid_invalid");
    refuse(action, good + R"(,"waitForPickup":0)", 400, "pc_timeout_invalid");
    refuse(action, good + R"(,"waitForPickUp":"x")", 400, "pc_timeout_invalid");
  }
  for (const char* to : {"null", "\"\"", "\"x\"", "[]", "true"})
    refuse("Transfer", view + R"(,"sendCallTo":)" + to, 400, "pc_sendcallto_invalid");
  for (const char* number : {"\"999\"", "\"x\"", "[]", "true"}) {
    for (const char* action : {"Transfer", "TransferToVoicemail"}) {
      const std::string to = R"("sendCallTo":"0042*318",)";
      refuse(action, to + R"("transferFromNumber":)" + number, 400, "pc_transferfromnumber_invalid");
      refuse(action, to + R"("transferNumber":)" + number, 400, "pc_transfernumber_invalid");
    }
  }
  refuse("TransferToVoicemail", R"("sendCallTo":"+40215550147")", 400, "pc_sendcallto_invalid");
  expect_each(office, rows);
  EXPECT_TRUE(office.hears(office.agent, office.customer));
  EXPECT_TRUE(office.hears(office.customer, office.agent));
}

TEST(Malformed, FieldsAndParametersOfCreating) {
  Office office;
  std::vector<Row> rows;
  const auto refuse = [&](const std::string& kind, const std::string& body, int status, const char* code) {
    rows.push_back({Method::Post, "/phoneCalls/57/" + kind, body, status, code});
  };
  const std::string views = R"("phoneCallView":[{"source":["310"],"destination":["318"]}])";
  for (const char* source : {"null", "[]", "[\"\"]", "[7,[]]", "{}", "true"}) {
    refuse("simple",
           std::string(R"({"extension":"310","phoneCallView":[{"destination":["318"],"source":)") + source +
               "}]}",
           400, "pc_source_invalid");
  }
  for (const char* destination : {"null", "[]", "[\"\"]", "\"x\"", "{}", "true"}) {
    refuse("simple",
           std::string(R"({"extension":"310","phoneCallView":[{"source":["310"],"destination":)") +
               destination + "}]}",
           400, "pc_destination_invalid");
  }
  for (const char* view : {"null", "[]", "7", "{}"})
    refuse("simple", std::string(R"({"phoneCallView":)") + view + "}", 400, "pc_source_invalid");
  for (const char* extension : {"\"\"", "\"999\"", "\"@self\"", "\"0042*390\"", "[]", "true"})
    refuse("simple", std::string(R"({"extension":)") + extension + "," + views + "}", 400,
           "pc_extension_invalid");
  for (const char* key : {"callerId", "callerDestination"}) {
    for (const char* value : {"\"\"", "\"x\"", "7.5", "[]", "true"})
      refuse("simple", std::string("{\"") + key + "\":" + value + "," + views + "}", 400,
             "pc_callerid_invalid");
  }
  for (const char* nonce : {"[]", "{}", "true"})
    refuse("simple", std::string(R"({"nonce":)") + nonce + "," + views + "}", 400, "request_invalid");
  const std::string good = "{" + views + "}";
  for (const char* value : {"0", "-1", "x", ""}) {
    refuse(std::string("simple?waitForPickup=") + value, good, 400, "pc_timeout_invalid");
    refuse(std::string("simple?callDuration=") + value, good, 400, "pc_callduration_invalid");
  }
  for (const char* key : {"video", "allowPublicTransfer"})
    refuse(std::string("simple?") + key + "=maybe", good, 400, "request_invalid");
  refuse("callback", R"({"extension":"310","phoneCallView":[{"source":["+4021"],"destination":["318"]}]})",
         400, "pc_destination_invalid");
  refuse("callback", R"({"phoneCallView":[{"source":["+40215550147"],"destination":["+40215550148"]}]})", 400,
         "pc_extension_invalid");
  expect_each(office, rows);
}

TEST(Malformed, FieldsOfEventsAndAgents) {
  Office office;
  std::vector<Row> rows;
  const std::string events = "/extensions/57/0042*310/phoneCallEvents";
  const auto event = [&](const std::string& fields, const char* code) {
    rows.push_back({Method::Post, events, "{" + fields + "}", 400, code});
  };
  for (const char* type : {"null", "-1", "5", "\"x\"", "\"\"", "1.5", "[]", "true"})
    event(std::string(R"("url":"http://a/","type":)") + type, "pcet_type_invalid");
  for (const char* url : {"null", "\"\"", "\"a\"", "\"ftp://a/\"", "\"http:///x\"", "7", "[]"})
    event(std::string(R"("type":0,"url":)") + url, "pce_url_invalid");
  for (const char* method : {"2", "\"GET\"", "\"\"", "[]"})
    event(std::string(R"("type":0,"url":"http://a/","method":)") + method, "pce_method_invalid");
  for (const char* status : {"2", "\"x\"", "\"\"", "[]"})
    event(std::string(R"("type":0,"url":"http://a/","status":)") + status, "pce_status_invalid");
  event(R"("type":0,"url":"http://a/","note":[])", "request_invalid");
  for (const char* body : {"", "[]", "{'", "7"}) {
    rows.push_back({Method::Post, events, body, 400, "request_invalid"});
    rows.push_back(
        {Method::Put, "/extensions/57/0042*390/queue/agents/0042*310", body, 400, "request_invalid"});
  }
  for (const char* status : {"null", "3", "-1", "\"x\"", "\"\"", "[]", "true", "1.5"}) {
    rows.push_back({Method::Put, "/extensions/57/0042*390/queue/agents/0042*310",
                    std::string(R"({"status":)") + status + "}", 400, "status_invalid"});
  }
  rows.push_back({Method::Put, "/extensions/57/0042*390/queue/agents/0042*310", "{}", 400, "status_invalid"});
  expect_each(office, rows);
  EXPECT_EQ(*office.get(events).body["totalResults"].integer(), 0);
}

TEST(Malformed, AConferencesPinIsAsked) {
  Office office;
  const std::string body =
      R"({"extension":"396","phoneCallView":[{"source":["396"],"destination":["+40215550147"]}]})";
  const std::string path = "/phoneCalls/57/conferenceInvite";
  expect_each(office, {{Method::Post, path, body, 401, "access_denied"},
                       {Method::Post, path + "?pin=1", body, 401, "access_denied"}});
  EXPECT_EQ(office.post(path + "?pin=1234", body).status, 200);
}

TEST(Malformed, OddButUnderstood) {
  for (
      const char* body :
      {R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":1})",
       R"({"action":"Whisper","sendCallTo":318,"phoneCallViewId":"1"})",
       R"({"action":"Whisper","sendCallTo":"318","phoneCallViewId":"01","private":null,"callerId":null,"colour":[]})",
       R"({"action":"Monitor","action":"Whisper","sendCallTo":"318","phoneCallViewId":"01","waitForPickUp":"5"})",
       R"({"action":"Whisper","sendCallTo":"318","phoneCallViewId":"01","waitForPickup":"100000","private":"1"})",
       R"({"action":"Whisper","sendCallTo":"318","phoneCallViewId":"01","callerId":"Zoë ☎ <0042*318>"})"}) {
    Office office;
    office.talk();
    EXPECT_EQ(office.put(office.call_path() + "/?x=1", body).status, 202) << body;
  }
}

// A few old demo apps get a new token on a 403 only (decision D21).
TEST(Tokens, AnExpiredOneIsRefusedAsTheSettingSays) {
  for (const auto& [settings, status] :
       {std::pair{R"({"app_id":"app","app_secret":"secret"})", 401},
        std::pair{R"({"app_id":"app","app_secret":"secret","expired_status":403})", 403}}) {
    Office office(settings);
    const std::string old = "an-old-token";
    const auto now = office.loop.clock().wall();
    bool stored = false;
    const auto asked = office.services().store.write(
        [&](store::Connection& connection) {
          store::ApiToken token;
          token.fingerprint = crypto::token_fingerprint(old);
          token.account = base::to_hex(directory::AccountId{0, 1});
          token.name = "app";
          token.scopes = "voipnow-access";
          token.created = now - std::chrono::hours(2);
          token.expires = now - std::chrono::hours(1);
          return store::add_token(connection, token);
        },
        [&](const Result<void>& done) { stored = done.has_value(); });
    ASSERT_TRUE(asked);
    office.loop.run_until([&] { return stored; });
    const auto reply =
        office.send({Method::Get, "/uapi/phoneCalls/@me/@self", {}, {{"Authorization", "Bearer " + old}}});
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(Office::reply_of(reply).code(), "access_denied");
  }
}

}  // namespace
}  // namespace sotto::voipnow::testing
