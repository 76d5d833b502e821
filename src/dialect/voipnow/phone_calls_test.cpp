// PhoneCalls but for supervision: list, delete, create and the other actions (contract section 3).
#include "dialect/voipnow/testing/office.h"

namespace sotto::voipnow::testing {
namespace {

using namespace std::chrono_literals;

std::string action(const std::string& name, const std::string& more) {
  return R"({"action":")" + name + R"(")" + (more.empty() ? "" : ",") + more + "}";
}
constexpr const char* kView = R"("phoneCallViewId":"01")";
constexpr const char* kToSupervisor = R"("sendCallTo":"0042*318","phoneCallViewId":"01")";

TEST(PhoneCalls, OneCallIsAnObjectAndACollection) {
  Office office;
  office.talk();
  const auto reply = office.get(office.call_path());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(*reply.body["id"].text(), office.key);
  EXPECT_EQ(*reply.body["extension"].text(), kAgent);
  EXPECT_EQ(*reply.body["ownerId"].text(), "7");
  EXPECT_EQ(*reply.body["ownerName"].text(), "Harbor Desk");
  EXPECT_NE(reply.body.find("published"), nullptr);
  EXPECT_NE(reply.body.find("answered"), nullptr);
  EXPECT_EQ(reply.body.find("nonce"), nullptr);
  EXPECT_EQ(*reply.body["totalResults"].integer(), 1);
  const Json view = office.view(0);
  EXPECT_EQ(*view["id"].text(), "01");
  EXPECT_EQ(*view["extension"].text(), kAgent);
  EXPECT_EQ(*view["status"].text(), "5");
  EXPECT_EQ(*view["flow"].text(), "8");
  EXPECT_EQ(*view["source"].array()->front().text(), "+40215550147");
  EXPECT_EQ(*view["destination"].array()->front().text(), kAgent);
  const Json& entry = reply.body["entry"].array()->front();
  EXPECT_EQ(entry["phoneCallView"], reply.body["phoneCallView"]);
  EXPECT_EQ(entry["links"], entry["link"]);
}

TEST(PhoneCalls, StatusesWhileItRings) {
  Office office;
  office.begin_call();
  EXPECT_EQ(*office.view(0)["status"].text(), "2");
  office.world.switchboard.on_ringing(office.agent, false);
  EXPECT_EQ(*office.view(0)["status"].text(), "3");
  EXPECT_NE(office.view(0).find("ringing"), nullptr);
  office.world.switchboard.on_answered(office.agent);
  EXPECT_EQ(*office.view(0)["status"].text(), "5");
  EXPECT_EQ(office.view(0).find("ringing"), nullptr);
}

TEST(PhoneCalls, UnknownCallIsAnEmptyListAndNotAnError) {
  Office office;
  const auto unknown = office.get("/phoneCalls/57/0042*310/0123456789abcdef0123");
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(*unknown.body["totalResults"].integer(), 0);
  EXPECT_TRUE(unknown.body["entry"].array()->empty());
  EXPECT_EQ(office.get("/phoneCalls/57/0042*310/!!").code(), "pc_phonecall_invalid");
  Office strict(R"({"app_id":"app","app_secret":"secret","empty_reply":204})");
  EXPECT_EQ(strict.get("/phoneCalls/57/@self").status, 204);
}

TEST(PhoneCalls, StandardParametersAreChecked) {
  Office office;
  office.talk();
  for (const auto& [query, code] :
       {std::pair{"count=0", "count_invalid"}, std::pair{"count=5001", "count_invalid"},
        std::pair{"count=x", "count_invalid"}, std::pair{"startIndex=-1", "startindex_invalid"},
        std::pair{"startIndex=5001", "startindex_invalid"},
        std::pair{"filterBy=extension&filterValue=x", "filterby_invalid"},
        std::pair{"filterBy=id&filterOp=like&filterValue=x", "filterop_invalid"},
        std::pair{"filterBy=id", "filtervalue_invalid"}, std::pair{"sortOrder=up", "sortorder_invalid"},
        std::pair{"fields=id,colour", "fields_invalid"}}) {
    const auto reply = office.get(std::string("/phoneCalls/57/@self/?") + query);
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_EQ(reply.code(), code) << query;
  }
  EXPECT_EQ(office.get("/phoneCalls/57/@self?sortOder=up").status, 200);
  const auto only = office.get("/phoneCalls/57/@self?fields=id&fields[]=extension");
  EXPECT_EQ(only.body["entry"].array()->front().object()->members().size(), 2);
  const auto none = office.get("/phoneCalls/57/@self?filterBy=id&filterOp=startsWith&filterValue=zz");
  EXPECT_EQ(*none.body["totalResults"].integer(), 0);
  const auto some =
      office.get("/phoneCalls/57/@self?filterBy=id&filterOp=inArray&filterValue=a," + office.key);
  EXPECT_EQ(*some.body["totalResults"].integer(), 1);
}

TEST(PhoneCalls, PagesNameEachOther) {
  Office office;
  for (int i = 0; i < 3; ++i) office.talk();
  const auto first = office.get("/phoneCalls/57/@self?count=2&sortOrder=asc");
  EXPECT_EQ(*first.body["totalResults"].integer(), 3);
  EXPECT_EQ(first.body["entry"].array()->size(), 2);
  const std::string next = *first.body["paging"]["next"].text();
  EXPECT_EQ(next, "http://pbx.example/uapi/phoneCalls/57/@self?sortOrder=asc&startIndex=2&count=2");
  const auto second = office.get(next.substr(std::string("http://pbx.example/uapi").size()));
  EXPECT_EQ(second.body["entry"].array()->size(), 1);
  EXPECT_EQ(second.body.find("next"), nullptr);
  EXPECT_NE(second.body["paging"].find("prev"), nullptr);
}

TEST(PhoneCalls, DeleteHangsUpAllOrOneSupervisor) {
  Office office;
  office.talk();
  const LegId supervisor = office.supervise("Whisper");
  EXPECT_EQ(office.erase(office.call_path() + "?phoneNumber=0042*319").status, 204);
  EXPECT_EQ(office.erase(office.call_path() + "?phoneNumber=0042*318").status, 200);
  EXPECT_TRUE(office.gone(supervisor));
  EXPECT_TRUE(office.up(office.agent));
  const LegId again = office.supervise("Whisper");
  const auto ended = office.erase(office.call_path() + "?phoneNumber=+40215550147");
  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(*ended.body.array()->front()["id"].text(), office.key);
  for (const LegId leg : {office.customer, office.agent, again}) EXPECT_TRUE(office.gone(leg));
  EXPECT_EQ(office.erase(office.call_path()).code(), "pc_phonecall_invalid");
  EXPECT_EQ(office.erase("/phoneCalls/57/0042*310").status, 204);
}

TEST(PhoneCalls, HoldMakesTheOtherHearMusic) {
  Office office;
  office.talk();
  const LegId supervisor = office.supervise("Whisper");
  EXPECT_EQ(office.put(office.call_path(), action("OnHold", kView)).status, 200);
  EXPECT_FALSE(office.hears(office.customer, office.agent));
  EXPECT_TRUE(office.hears(office.agent, supervisor));
  EXPECT_NE(office.view(0).find("onHold"), nullptr);
  EXPECT_EQ(*office.view(0)["holder"].text(), "1");
  EXPECT_EQ(office.put(office.call_path(), action("OnHold", kView)).status, 200);
  const auto all = office.put("/phoneCalls/57/0042*310", action("OffHold", ""));
  EXPECT_EQ(all.status, 200);
  EXPECT_NE(all.body.array(), nullptr);
  EXPECT_TRUE(office.hears(office.customer, office.agent));
  EXPECT_EQ(office.view(0).find("onHold"), nullptr);
}

TEST(PhoneCalls, PickUpTakesARingingCallOver) {
  Office office;
  office.begin_call();
  EXPECT_EQ(office.put(office.call_path(), action("PickUp", kToSupervisor)).code(),
            "pc_phonecallview_invalid");
  office.world.switchboard.on_ringing(office.agent, false);
  EXPECT_EQ(office.put(office.call_path(), action("PickUp", kToSupervisor)).status, 202);
  const LegId picking = office.last_dialled();
  EXPECT_FALSE(office.gone(office.agent));
  office.world.switchboard.on_answered(picking);
  EXPECT_TRUE(office.gone(office.agent));
  EXPECT_TRUE(office.hears(picking, office.customer));
  EXPECT_TRUE(office.hears(office.customer, picking));
  const auto call = office.get("/phoneCalls/57/0042*318/" + office.key);
  const Json& view = call.body["phoneCallView"].array()->at(0);
  EXPECT_EQ(*view["id"].text(), "01");
  EXPECT_EQ(*view["extension"].text(), kSupervisor);
}

TEST(PhoneCalls, PickUpGivesUpWhenTheCallIsAnswered) {
  Office office;
  office.begin_call();
  office.world.switchboard.on_ringing(office.agent, false);
  office.put(office.call_path(), action("PickUp", kToSupervisor));
  const LegId picking = office.last_dialled();
  office.world.switchboard.on_answered(office.agent);
  EXPECT_TRUE(office.gone(picking));
  EXPECT_TRUE(office.hears(office.agent, office.customer));
}

TEST(PhoneCalls, ParkAndUnPark) {
  Office office;
  office.talk();
  EXPECT_EQ(
      office.put(office.call_path(), action("Park", std::string(kView) + R"(,"maxInParking":5)")).code(),
      "pc_maxinparking_invalid");
  const auto parked =
      office.put(office.call_path(), action("Park", std::string(kView) + R"(,"maxInParking":"60")"));
  EXPECT_EQ(parked.status, 200);
  ASSERT_NE(parked.body.array(), nullptr);
  EXPECT_TRUE(office.gone(office.agent));
  EXPECT_TRUE(office.up(office.customer));
  const Json view = office.view(0);
  EXPECT_EQ(*view["parkedPos"].text(), "1");
  EXPECT_EQ(*view["parkedBy"].text(), kAgent);
  EXPECT_EQ(office.put(office.call_path(), action("UnPark", kToSupervisor)).status, 202);
  const LegId takes = office.last_dialled();
  office.world.switchboard.on_answered(takes);
  EXPECT_TRUE(office.hears(takes, office.customer));
  const auto call = office.get("/phoneCalls/57/0042*318/" + office.key);
  EXPECT_EQ(call.body["phoneCallView"].array()->at(0).find("parked"), nullptr);
  EXPECT_EQ(office
                .put("/phoneCalls/57/0042*318/" + office.key,
                     action("UnPark", R"("sendCallTo":"0042*310","phoneCallViewId":"01")"))
                .code(),
            "pc_phonecallview_invalid");
}

TEST(PhoneCalls, TransferInBothForms) {
  for (const char* body :
       {R"("sendCallTo":"0042*318","transferFromNumber":"0042*310","transferNumber":"+40215550147")",
        R"("sendCallTo":"318","phoneCallViewId":"01")", R"("sendCallTo":"0042*318")"}) {
    Office office;
    office.talk();
    EXPECT_EQ(office.put(office.call_path(), action("Transfer", body)).status, 200) << body;
    EXPECT_TRUE(office.gone(office.agent));
    const LegId target = office.last_dialled();
    EXPECT_EQ(office.world.signalling.dialled.back().from.text, kCustomer);
    office.world.switchboard.on_answered(target);
    EXPECT_TRUE(office.hears(target, office.customer)) << body;
  }
}

TEST(PhoneCalls, TransferThatFailsComesBack) {
  Office office;
  office.talk();
  office.put(office.call_path(), action("Transfer", R"("sendCallTo":"0042*318","phoneCallViewId":"01")"));
  office.world.switchboard.on_ended(office.last_dialled(),
                                    {call::EndCause::Busy, call::EndedBy::FarEnd, 486, {}});
  office.settle();
  EXPECT_EQ(office.world.signalling.dialled.back().to.text, kAgent);
  office.world.switchboard.on_answered(office.last_dialled());
  EXPECT_TRUE(office.hears(office.last_dialled(), office.customer));
}

TEST(PhoneCalls, TransferEndsAWhisper) {
  Office office;
  office.talk();
  const LegId supervisor = office.supervise("Whisper");
  office.put(office.call_path(), action("Transfer", R"("sendCallTo":"0042*319","phoneCallViewId":"01")"));
  EXPECT_TRUE(office.gone(supervisor));
}

TEST(PhoneCalls, MalformedActionsHaveTheirCodes) {
  Office office;
  office.talk();
  for (const auto& [body, code] :
       {std::pair{action("Transfer", R"("phoneCallViewId":"01")"), "pc_sendcallto_invalid"},
        std::pair{action("Transfer", R"("sendCallTo":"x")"), "pc_sendcallto_invalid"},
        std::pair{action("Transfer", R"("sendCallTo":"318","transferFromNumber":"999")"),
                  "pc_transferfromnumber_invalid"},
        std::pair{action("Transfer", R"("sendCallTo":"318","transferNumber":"999")"),
                  "pc_transfernumber_invalid"},
        std::pair{action("TransferToVoicemail", R"("sendCallTo":"0042*390")"), "pc_sendcallto_invalid"},
        std::pair{action("StartRecording", R"("phoneCallViewId":"01","format":"ogg")"), "pc_format_invalid"},
        std::pair{action("StartRecording", R"("phoneCallViewId":"01","format":"wav49")"),
                  "request_not_implemented"},
        std::pair{action("OnHold", R"("phoneCallViewId":"07")"), "pc_phonecallview_invalid"},
        std::pair{action("OffHold", ""), "pc_phonecallview_invalid"},
        std::pair{action("Park", R"("phoneCallViewId":"01","maxInParking":"x")"), "pc_maxinparking_invalid"},
        std::pair{action("UnPark", kToSupervisor), "pc_phonecallview_invalid"},
        std::pair{action("PickUp", kToSupervisor), "pc_phonecallview_invalid"},
        std::pair{action("StopRecording", ""), "pc_phonecallview_invalid"}}) {
    EXPECT_EQ(office.put(office.call_path(), body).code(), code) << body;
  }
  EXPECT_TRUE(office.hears(office.agent, office.customer));
}

TEST(PhoneCalls, VoicemailGreetsAndRecords) {
  Office office;
  office.talk();
  EXPECT_EQ(
      office.put(office.call_path(), action("TransferToVoicemail", R"("sendCallTo":"0042*318")")).status,
      200);
  EXPECT_TRUE(office.gone(office.agent));
  // The greeting, then the tone.
  for (int sound = 0; sound < 2; ++sound) {
    ASSERT_EQ(office.world.media.playing.size(), 1);
    const call::PromptId prompt = office.world.media.playing.begin()->first;
    office.world.media.playing.erase(prompt);
    office.world.switchboard.on_prompt_ended(prompt, call::PromptEnd::Finished, {});
  }
  ASSERT_EQ(office.world.media.recording.size(), 1);
  EXPECT_EQ(office.world.media.recording.begin()->second.spec.owner, "voicemail 0042*318");
}

TEST(PhoneCalls, RecordingLeavesTheWhisperOut) {
  Office office;
  office.talk();
  EXPECT_EQ(office.put(office.call_path(), action("StartRecording", kView)).status, 200);
  EXPECT_NE(office.view(0).find("recording"), nullptr);
  EXPECT_EQ(office.put(office.call_path(), action("StartRecording", kView)).status, 200);
  ASSERT_EQ(office.world.media.recording.size(), 1);
  EXPECT_EQ(office.world.media.recording.begin()->second.spec.policy, call::RecordingPolicy::Mixed);
  EXPECT_EQ(office.put(office.call_path(), action("StopRecording", kView)).status, 200);
  office.world.pump();
  EXPECT_EQ(office.view(0).find("recording"), nullptr);
}

TEST(PhoneCalls, RecordingNeedsThePermission) {
  Office office;
  office.talk();
  office.supervise("Whisper");
  office.put(office.call_path(), action("Transfer", R"("sendCallTo":"0042*319","phoneCallViewId":"01")"));
  office.world.switchboard.on_answered(office.last_dialled());
  const auto reply = office.put("/phoneCalls/58/0042*319/" + office.key,
                                action("StartRecording", R"("phoneCallViewId":"03")"));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.code(), "access_denied");
}

TEST(PhoneCalls, CreateSimpleRingsTheSourceAndThenTheDestination) {
  for (const char* body :
       {R"({"extension":"0042*310","phoneCallView":[{"source":["0042*310"],"destination":["+40215550147"]}],
            "callerId":"Call <123>","callerDestination":"Us <555>","nonce":"n1"})",
        R"({"extension":310,"phoneCallView":{"source":"310","destination":40215550147},
            "callerId":"Call <123>","callerDestination":"Us <555>","nonce":"n1"})"}) {
    Office office;
    const auto created = office.post("/phoneCalls/57/simple/?waitForPickup=20&video=0", body);
    EXPECT_EQ(created.status, 200);
    ASSERT_NE(created.body.array(), nullptr);
    const Json& call = created.body.array()->front();
    EXPECT_EQ(*call["nonce"].text(), "n1");
    EXPECT_EQ(*call["extension"].text(), kAgent);
    const auto& source = office.world.signalling.dialled.back();
    EXPECT_EQ(source.to.text, kAgent);
    EXPECT_EQ(source.from.text, "123");
    const LegId agent = source.leg;
    const std::string path = "/phoneCalls/57/@self/" + *call["id"].text();
    const auto status = [&] {
      return *office.get(path).body["phoneCallView"].array()->at(0)["status"].text();
    };
    office.world.switchboard.on_ringing(agent, false);
    EXPECT_EQ(status(), "3");
    office.world.switchboard.on_answered(agent);
    const auto& destination = office.world.signalling.dialled.back();
    EXPECT_EQ(destination.to.text, kCustomer);
    EXPECT_EQ(destination.from.text, "555");
    EXPECT_EQ(status(), "4");
    const LegId customer = destination.leg;
    office.world.switchboard.on_answered(customer);
    EXPECT_EQ(status(), "5");
    EXPECT_TRUE(office.hears(agent, customer));
    const Json view = office.get(path).body["phoneCallView"].array()->at(0);
    EXPECT_EQ(*view["flow"].text(), "4");
    EXPECT_EQ(*view["source"].array()->front().text(), kAgent);
    EXPECT_EQ(*view["destination"].array()->front().text(), "+40215550147");
    // The call that the API made can be coached like any other.
    const auto whisper = office.put(path, action("Whisper", R"("sendCallTo":"318","phoneCallViewId":"00")"));
    EXPECT_EQ(whisper.status, 202);
    office.world.switchboard.on_answered(office.last_dialled());
    EXPECT_FALSE(office.hears(customer, office.last_dialled()));
  }
}

TEST(PhoneCalls, OfSeveralSourcesTheFirstToAnswerIsConnected) {
  Office office;
  office.post(
      "/phoneCalls/57/simple",
      R"({"extension":"310","phoneCallView":[{"source":["310","318"],"destination":["+40215550147"]}]})");
  ASSERT_EQ(office.world.signalling.dialled.size(), 2);
  const LegId first = office.world.signalling.dialled[0].leg;
  const LegId second = office.world.signalling.dialled[1].leg;
  office.world.switchboard.on_answered(second);
  EXPECT_TRUE(office.gone(first));
  EXPECT_EQ(office.world.signalling.dialled.size(), 3);
}

TEST(PhoneCalls, CreateRefusesWhatIsMalformed) {
  Office office;
  const std::string good = R"("phoneCallView":[{"source":["310"],"destination":["318"]}])";
  for (const auto& [path, body, code] :
       {std::tuple{"simple", std::string("[]"), "request_invalid"},
        std::tuple{"simple", std::string("{'"), "request_invalid"},
        std::tuple{"simple", std::string("{}"), "pc_source_invalid"},
        std::tuple{"simple", std::string(R"({"phoneCallView":[{"source":["310"]}]})"),
                   "pc_destination_invalid"},
        std::tuple{"simple", std::string(R"({"phoneCallView":[{"source":["x"],"destination":["318"]}]})"),
                   "pc_extension_invalid"},
        std::tuple{
            "simple",
            std::string(R"({"extension":"310","phoneCallView":[{"source":["x"],"destination":["318"]}]})"),
            "pc_source_invalid"},
        std::tuple{
            "simple",
            std::string(R"({"extension":"310","phoneCallView":[{"source":["310"],"destination":["x"]}]})"),
            "pc_destination_invalid"},
        std::tuple{"simple", R"({"extension":"999",)" + good + "}", "pc_extension_invalid"},
        std::tuple{"simple", R"({"extension":"@self",)" + good + "}", "pc_extension_invalid"},
        std::tuple{"simple", R"({"extension":"390",)" + good + "}", "pc_extension_invalid"},
        std::tuple{"simple", R"({"callerId":"x",)" + good + "}", "pc_callerid_invalid"},
        std::tuple{"simple", R"({"callerDestination":"x",)" + good + "}", "pc_callerid_invalid"},
        std::tuple{"simple?waitForPickup=0", "{" + good + "}", "pc_timeout_invalid"},
        std::tuple{"simple?callDuration=x", "{" + good + "}", "pc_callduration_invalid"},
        std::tuple{"simple?video=maybe", "{" + good + "}", "request_invalid"},
        std::tuple{"callback", R"({"extension":"310",)" + good + "}", "pc_source_invalid"},
        std::tuple{"conferenceInvite", R"({"extension":"310",)" + good + "}", "pc_extension_invalid"}}) {
    const auto reply = office.post(std::string("/phoneCalls/57/") + path, body);
    EXPECT_EQ(reply.status, 400) << path << body;
    EXPECT_EQ(reply.code(), code) << path << body;
  }
  EXPECT_TRUE(office.world.signalling.dialled.empty());
  EXPECT_EQ(office.post("/phoneCalls/57/fax", "{}").code(), "request_not_implemented");
}

TEST(PhoneCalls, ConferenceInviteBringsANumberIn) {
  Office office;
  for (const char* number : {"+40215550147", "+40215550148"}) {
    EXPECT_EQ(
        office
            .post("/phoneCalls/57/conferenceInvite",
                  std::string(R"({"extension":"395","phoneCallView":[{"source":["395"],"destination":[")") +
                      number + R"("]}]})")
            .status,
        200);
    office.world.switchboard.on_answered(office.last_dialled());
  }
  const auto& dialled = office.world.signalling.dialled;
  EXPECT_TRUE(office.hears(dialled[0].leg, dialled[1].leg));
}

TEST(PhoneCalls, QueueRingsItsAgentsAndIsCharged) {
  Office office;
  office.customer = office.world.inbound(kCustomer, "0042*390");
  VoipNow& voipnow = office.voipnow();
  voipnow.take(*office.world.switchboard.leg(office.customer), {"voipnow", {}, {}, {}});
  ASSERT_EQ(office.world.signalling.dialled.size(), 2);
  office.agent = office.world.signalling.dialled[0].leg;
  office.world.switchboard.on_answered(office.agent);
  office.key = call_key(office.world.switchboard.leg(office.customer)->call);
  const auto call = office.get(office.call_path());
  EXPECT_EQ(*call.body["extension"].text(), "0042*390");
  const LegId supervisor = office.supervise("Whisper");
  EXPECT_TRUE(office.hears(office.agent, supervisor));
  EXPECT_FALSE(office.hears(office.customer, supervisor));
}

}  // namespace
}  // namespace sotto::voipnow::testing
