// Whisper, BargeIn and Monitor: contract sections 3.2 to 3.4 and the rows of section 7 that need no sound.
#include "dialect/voipnow/testing/office.h"

namespace sotto::voipnow::testing {
namespace {

using namespace std::chrono_literals;

TEST(Whisper, RingsTheSupervisorFirstAndOnlyThenJoins) {
  Office office;
  office.talk();
  const auto reply = office.put(office.call_path(),
                                R"({"action":"Whisper","sendCallTo":"0042*318","private":0,
      "callerId":"Whisper To Me <42420042>","waitForPickup":"20","phoneCallViewId":"01"})");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(*reply.body["id"].text(), office.key);
  EXPECT_EQ(*reply.body["extension"].text(), kAgent);
  EXPECT_EQ(*reply.body["link"]["self"].text(), "http://pbx.example/uapi" + office.call_path());
  EXPECT_EQ(reply.body["links"], reply.body["link"]);
  const auto& dialled = office.world.signalling.dialled.back();
  EXPECT_EQ(dialled.to.text, kSupervisor);
  EXPECT_EQ(dialled.from.text, "42420042");
  EXPECT_EQ(dialled.from.display_name, "Whisper To Me");
  EXPECT_EQ(office.views(), (std::vector<std::string>{"01"}));
  const Json before = office.view(0);

  const LegId supervisor = dialled.leg;
  office.world.switchboard.on_answered(supervisor);
  EXPECT_EQ(office.views(), (std::vector<std::string>{"01", "02"}));
  EXPECT_EQ(office.view(0), before);
  const Json view = office.view(1);
  EXPECT_EQ(*view["extension"].text(), kAgent);
  EXPECT_EQ(*view["status"].text(), "5");
  EXPECT_EQ(*view["callerId"].text(), "Whisper To Me <42420042>");
  EXPECT_EQ(*view["source"].array()->front().text(), kSupervisor);
  EXPECT_EQ(*view["destination"].array()->front().text(), kAgent);
  EXPECT_NE(view.find("answered"), nullptr);

  EXPECT_TRUE(office.hears(supervisor, office.agent));
  EXPECT_TRUE(office.hears(supervisor, office.customer));
  EXPECT_TRUE(office.hears(office.agent, supervisor));
  EXPECT_TRUE(office.hears(office.agent, office.customer));
  EXPECT_TRUE(office.hears(office.customer, office.agent));
  EXPECT_FALSE(office.hears(office.customer, supervisor));
}

struct Mode {
  const char* action;
  const char* more;
  bool hears_talk;
  bool heard_by_agent;
  bool heard_by_customer;
};

TEST(Whisper, WhoHearsWhomInEachMode) {
  for (const Mode& mode :
       {Mode{"Whisper", "", true, true, false}, Mode{"Whisper", R"(,"private":1)", false, true, false},
        Mode{"Whisper", R"(,"private":"1")", false, true, false},
        Mode{"Whisper", R"(,"private":true)", false, true, false},
        Mode{"Whisper", R"(,"private":null)", true, true, false}, Mode{"Monitor", "", true, false, false},
        Mode{"BargeIn", R"(,"private":"nonsense")", true, true, true}}) {
    SCOPED_TRACE(std::string(mode.action) + mode.more);
    Office office;
    office.talk();
    const LegId supervisor = office.supervise(mode.action, mode.more);
    EXPECT_EQ(office.hears(supervisor, office.agent), mode.hears_talk);
    EXPECT_EQ(office.hears(supervisor, office.customer), mode.hears_talk);
    EXPECT_EQ(office.hears(office.agent, supervisor), mode.heard_by_agent);
    EXPECT_EQ(office.hears(office.customer, supervisor), mode.heard_by_customer);
    EXPECT_TRUE(office.hears(office.agent, office.customer));
    EXPECT_TRUE(office.hears(office.customer, office.agent));
  }
}

struct Malformed {
  const char* field;
  std::vector<const char*> values;  // JSON; "" leaves the field out
  int status;
  const char* code;
};

// Each field of the body gone wrong in each way, with the exact answer; nothing rings.
TEST(Whisper, EveryMalformedFieldHasItsCode) {
  const Malformed rows[] = {
      {"action", {"\"whisper\"", "", "\"Sing\"", "7", "null", "\"\""}, 400, "pc_action_invalid"},
      {"sendCallTo",
       {"", "null", "\"\"", "\"0042*390\"", "\"0042*395\"", "\"0042*397\"", "\"0042*999\"",
        "\"+40215550147\"", "\"@self\"", "\"0043*400\"", "\"0042*310\"", "[\"0042*318\"]", "{}", "true"},
       400,
       "pc_sendcallto_invalid"},
      {"phoneCallViewId",
       {"", "null", "\"09\"", "\"\"", "\"x\"", "-1", "\"00\"", "[]", "true", "\"0000000001\""},
       400,
       "pc_phonecallview_invalid"},
      {"callerId",
       {"\"John Doe\"", "\"<>\"", "\"X <a b>\"", "\"A <1> B\"", "\"\"", "\"A\\r\\nB <1>\"", "[]", "true",
        "\"A <123456789012345678901234567890123>\""},
       400,
       "pc_callerid_invalid"},
      {"waitForPickup",
       {"0", "-5", "\"abc\"", "\"\"", "1.5", "true", "[]", "\"5s\""},
       400,
       "pc_timeout_invalid"},
      {"private", {"2", "\"x\"", "-1", "\"\"", "[]", "\"yes\""}, 400, "pc_private_invalid"},
  };
  Office office;
  office.talk();
  const size_t ringing = office.world.signalling.dialled.size();
  for (const Malformed& row : rows) {
    for (const char* value : row.values) {
      SCOPED_TRACE(std::string(row.field) + " " + value);
      const std::pair<std::string, std::string> good[] = {
          {"action", "\"Whisper\""}, {"sendCallTo", "\"0042*318\""}, {"phoneCallViewId", "\"01\""}};
      std::string body;
      for (const auto& [name, text] : good) {
        if (name != row.field) body += (body.empty() ? "" : ",") + ("\"" + name + "\":" + text);
      }
      if (*value != 0) body += std::string(",\"") + row.field + "\":" + value;
      const auto reply = office.put(office.call_path(), "{" + body + "}");
      EXPECT_EQ(reply.status, row.status);
      EXPECT_EQ(reply.code(), row.code);
      EXPECT_NE(reply.body["error"]["message"].text(), nullptr);
    }
  }
  EXPECT_EQ(office.world.signalling.dialled.size(), ringing);
}

TEST(Whisper, EveryMalformedPathSegmentHasItsCode) {
  Office office;
  office.talk();
  const std::string body = R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01"})";
  const std::string other = R"({"action":"Monitor","sendCallTo":"0042*318","phoneCallViewId":"01"})";
  const std::string id = "/" + office.key;
  struct Row {
    std::string path;
    int status;
    const char* code;
  };
  const Row rows[] = {{"/phoneCalls/999999/0042*310" + id, 400, "user_invalid"},
                      {"/phoneCalls/me/0042*310" + id, 400, "user_invalid"},
                      {"/phoneCalls/-1/0042*310" + id, 400, "user_invalid"},
                      {"/phoneCalls/57/0042*999" + id, 400, "extension_invalid"},
                      {"/phoneCalls/57/0043*400" + id, 400, "extension_invalid"},
                      {"/phoneCalls/58/0042*310" + id, 400, "extension_invalid"},
                      {"/phoneCalls/57/x" + id, 400, "extension_invalid"},
                      {"/phoneCalls/57/0042*310/0123456789abcdef0123", 400, "pc_honecall_invalid"},
                      {"/phoneCalls/57/0042*310/!!", 400, "pc_honecall_invalid"},
                      {"/phoneCalls/57/0042*318" + id, 400, "pc_honecall_invalid"},
                      {"/phoneCalls/57/0042*310", 400, "pc_honecall_invalid"},
                      {"/PhoneCalls/57/0042*310" + id, 501, "request_not_implemented"},
                      {"/phoneCalls/57/0042*310" + id + "/more", 501, "request_not_implemented"},
                      {"/faxes/57/0042*310", 501, "request_not_implemented"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path);
    const auto reply = office.put(row.path, body);
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.code(), row.code);
  }
  const auto spelt = office.put("/phoneCalls/57/0042*310/0123456789abcdef0123", other);
  EXPECT_EQ(spelt.code(), "pc_phonecall_invalid");
  const auto typo = office.put("/phoneCalls/57/0042*310/0123456789abcdef0123", body);
  EXPECT_NE(typo.body["error"]["message"].text()->find("pc_phonecall_invalid"), std::string::npos);
}

TEST(Whisper, BodyThatIsNoJsonRingsNobody) {
  Office office;
  office.talk();
  // The seed's own example: a quote opens as one kind and closes as another, and one is a star.
  const std::string seed = "{\n'action\": \"Whisper\",\n\"sendCallTo\": \"0042*318*,\n\"private\": \"1\"\n}";
  for (const std::string& body : {seed, std::string("[]"), std::string(""), std::string("7")}) {
    const auto reply = office.put(office.call_path(), body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.code(), "request_invalid") << body;
  }
  EXPECT_EQ(
      office
          .put(office.call_path(),
               "\xEF\xBB\xBF{\"action\":\"Whisper\",\"sendCallTo\":\"0042*318\",\"phoneCallViewId\":1} \n")
          .status,
      202);
}

TEST(Whisper, CallerIdsThatAreShown) {
  for (const auto& [given, name, number] :
       {std::tuple{R"("John Doe <+3334444>")", "John Doe", "+3334444"},
        std::tuple{R"("Q <0042*318>")", "Q", "0042*318"}, std::tuple{R"("4455#")", "", "4455#"},
        std::tuple{"4455", "", "4455"}, std::tuple{"null", "Desk 318", "40215551318"}}) {
    Office office;
    office.talk();
    office.supervise("Whisper", std::string(",\"callerId\":") + given);
    const auto& dialled = office.world.signalling.dialled.back();
    EXPECT_EQ(dialled.from.display_name, name);
    EXPECT_EQ(dialled.from.text, number);
  }
}

TEST(Whisper, TheUsersAndExtensionsOfTheApi) {
  for (const char* user : {"@me", "@viewer", "@owner", "57", "057"}) {
    for (const char* extension : {"@self", "%40self", "0042*310", "0042%2A310", "310"}) {
      Office office;
      office.talk();
      const auto reply =
          office.put(std::string("/phoneCalls/") + user + "/" + extension + "/" + office.key + "/",
                     R"({"action":"Whisper","sendCallTo":"318","phoneCallViewId":"01"})");
      EXPECT_EQ(reply.status, 202) << user << extension;
    }
  }
}

TEST(Whisper, PhoneThatIsNotAnsweredIsCancelled) {
  for (const auto& [more, wait] :
       {std::pair{R"(,"waitForPickup":"3")", 3s}, std::pair{"", 25s}, std::pair{R"(,"waitForPickUp":4)", 4s},
        std::pair{R"(,"waitForPickup":900)", 300s}}) {
    Office office;
    office.talk();
    office.put(
        office.call_path(),
        std::string(R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01")") + more + "}");
    const LegId supervisor = office.last_dialled();
    office.world.switchboard.on_ringing(supervisor, false);
    office.world.advance(wait - 100ms);
    EXPECT_FALSE(office.gone(supervisor));
    office.world.advance(200ms);
    EXPECT_TRUE(office.gone(supervisor));
    EXPECT_EQ(office.views(), (std::vector<std::string>{"01"}));
    EXPECT_TRUE(office.hears(office.agent, office.customer));
  }
}

TEST(Whisper, ReplyThatWaitsForTheOutcome) {
  Office office;
  office.talk();
  http::Headers headers = office.headers();
  headers.add("Prefer", "respond-async, wait=30");
  for (const bool answers : {true, false}) {
    std::optional<http::Response> answered;
    office.start({Method::Put, "/uapi" + office.call_path(),
                  R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01"})", headers},
                 [&](http::Response response) { answered = std::move(response); });
    const size_t before = office.world.signalling.dialled.size();
    office.loop.run_until([&] { return office.world.signalling.dialled.size() > before; });
    office.settle();
    EXPECT_FALSE(answered);
    const LegId supervisor = office.last_dialled();
    if (answers) {
      office.world.switchboard.on_answered(supervisor);
    } else {
      office.world.switchboard.on_ended(supervisor, {call::EndCause::Busy, call::EndedBy::FarEnd, 486, {}});
    }
    office.loop.run_until([&] { return answered.has_value(); });
    EXPECT_EQ(answered->status, answers ? 200 : 204);
    if (!answers) {
      EXPECT_EQ(answered->body, "");
      continue;
    }
    const Json body = testing::Office::reply_of(*answered).body;
    EXPECT_EQ(body["phoneCallView"].array()->size(), 2);
    office.hangs_up(supervisor);
  }
}

TEST(Whisper, EndsOfTheCallAndOfTheSupervisor) {
  {
    Office office;
    office.talk();
    const LegId supervisor = office.supervise("Whisper");
    office.hangs_up(supervisor);
    EXPECT_EQ(office.views(), (std::vector<std::string>{"01"}));
    EXPECT_TRUE(office.hears(office.agent, office.customer));
    // A view's id is never given again.
    office.supervise("Whisper");
    EXPECT_EQ(office.views(), (std::vector<std::string>{"01", "03"}));
  }
  {
    Office office;
    office.talk();
    const LegId supervisor = office.supervise("Whisper");
    office.hangs_up(office.customer);
    EXPECT_TRUE(office.gone(supervisor));
    EXPECT_TRUE(office.gone(office.agent));
    const auto list = office.get(office.call_path());
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(*list.body["totalResults"].integer(), 0);
  }
  {
    Office office;
    office.talk();
    office.put(office.call_path(), R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01"})");
    const LegId ringing = office.last_dialled();
    office.hangs_up(office.customer);
    EXPECT_TRUE(office.gone(ringing));
  }
}

TEST(Whisper, TwoSupervisorsAtOnce) {
  Office office;
  office.talk();
  const LegId first = office.supervise("Whisper");
  // He whispers already (decision D19).
  for (const char* more : {"", R"(,"private":1)"}) {
    EXPECT_EQ(office
                  .put(office.call_path(),
                       std::string(R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01")") +
                           more + "}")
                  .code(),
              "pc_sendcallto_invalid");
  }
  const LegId second = office.supervise("Whisper", "", kSecond);
  EXPECT_EQ(office.views(), (std::vector<std::string>{"01", "02", "03"}));
  EXPECT_TRUE(office.hears(office.agent, first));
  EXPECT_TRUE(office.hears(office.agent, second));
  EXPECT_FALSE(office.hears(first, second));
  EXPECT_FALSE(office.hears(office.customer, second));
  // A supervisor's view cannot be supervised.
  EXPECT_EQ(office
                .put("/phoneCalls/57/@self/" + office.key,
                     R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"02"})")
                .status,
            400);
}

TEST(Whisper, ASupervisorWhoIsUpChangesHisModeWithoutAnotherRing) {
  Office office;
  office.talk();
  const auto ask = [&office](const std::string& action) {
    return office.put(office.call_path(),
                      R"({"action":")" + action + R"(","sendCallTo":"0042*318","phoneCallViewId":"01"})");
  };
  EXPECT_EQ(ask("Monitor").status, 202);
  const LegId supervisor = office.last_dialled();
  office.world.switchboard.on_ringing(supervisor, false);
  // While it rings there is nothing to change.
  EXPECT_EQ(ask("Whisper").code(), "pc_sendcallto_invalid");
  office.world.switchboard.on_answered(supervisor);
  const size_t dialled = office.world.signalling.dialled.size();
  struct Step {
    const char* action;
    bool agent_hears, customer_hears;
  };
  for (const Step& mode : {Step{"Whisper", true, false}, Step{"Monitor", false, false},
                           Step{"BargeIn", true, true}, Step{"Whisper", true, false}}) {
    const auto reply = ask(mode.action);
    EXPECT_EQ(reply.status, 200) << mode.action;
    EXPECT_EQ(office.views(), (std::vector<std::string>{"01", "02"}));
    EXPECT_EQ(office.hears(office.agent, supervisor), mode.agent_hears) << mode.action;
    EXPECT_EQ(office.hears(office.customer, supervisor), mode.customer_hears) << mode.action;
    EXPECT_TRUE(office.hears(supervisor, office.customer)) << mode.action;
  }
  EXPECT_EQ(office.world.signalling.dialled.size(), dialled);
  EXPECT_EQ(ask("Whisper").code(), "pc_sendcallto_invalid");
}

TEST(Whisper, NeedsAnAnsweredCall) {
  Office office;
  office.begin_call();
  office.world.switchboard.on_ringing(office.agent, false);
  EXPECT_EQ(
      office.put(office.call_path(), R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01"})")
          .code(),
      "pc_phonecallview_invalid");
}

TEST(Whisper, KindsOfReplyByTheAccountsSetting) {
  Office office(R"({"app_id":"app","app_secret":"secret","action_reply":"ok"})");
  office.talk();
  EXPECT_EQ(
      office.put(office.call_path(), R"({"action":"Whisper","sendCallTo":"0042*318","phoneCallViewId":"01"})")
          .status,
      200);
}

TEST(Whisper, AppsSeeWhatIsTheirs) {
  Office office(R"({"apps":[{"app_id":"app","app_secret":"secret","user":"58"},
                            {"app_id":"harbor","app_secret":"s","organisation":"0042"},
                            {"app_id":"other","app_secret":"s","organisation":"Other"}]})");
  office.talk();
  EXPECT_EQ(office.get(office.call_path()).code(), "user_invalid");
  EXPECT_EQ(*office.get("/phoneCalls/@me/@self").body["totalResults"].integer(), 0);
  office.token = office.token_of("other", "s");
  EXPECT_EQ(office.get(office.call_path()).code(), "user_invalid");
  office.token = office.token_of("harbor", "s");
  EXPECT_EQ(*office.get("/phoneCalls/@me/@self").body["totalResults"].integer(), 1);
}

}  // namespace
}  // namespace sotto::voipnow::testing
