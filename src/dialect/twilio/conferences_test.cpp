// What an app is told of a conference, each event with all of its parameters (twilio.md §3.9).
#include "dialect/twilio/conferences.h"

#include <gtest/gtest.h>

#include "dialect/twilio/json_text.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/testing/account_bench.h"
#include "webhook/testing/receiver.h"

namespace sotto::twilio::testing {
namespace {

using http::Method;

struct ConferencesTest : ::testing::Test {
  AccountBench bench;
  webhook::Receiver app{bench.loop};

  call::LegId join(const std::string& label, const std::string& attributes = "") {
    return bench.call("<Response><Dial><Conference waitUrl='' beep='false' participantLabel='" + label +
                      "' " + attributes + " statusCallback='" + app.url("/room") +
                      "' statusCallbackEvent='start end join leave mute hold modify speaker announcement'>r"
                      "</Conference></Dial></Response>");
  }
  call::RoomId room() {
    const call::Room* found =
        bench.world.switchboard.room_named(base::to_hex(directory::AccountId{0, 1}) + "/r");
    return found == nullptr ? call::RoomId{} : found->id;
  }
  // The next event, less what every one has.
  std::string told() {
    const size_t next = read_++;
    bench.loop.run_until([&] { return app.arrivals().size() > next; });
    std::string out;
    for (const auto& [name, value] :
         text::parse_form(app.arrivals()[next].body).value_or(text::Parameters{})) {
      if (name == "AccountSid") {
        EXPECT_EQ(value, kAccount);
      }
      if (name == "ConferenceSid") {
        EXPECT_TRUE(is_sid(value, "CF"));
      }
      if (name == "FriendlyName") {
        EXPECT_EQ(value, "r");
      }
      if (name == "SequenceNumber") {
        EXPECT_EQ(value, std::to_string(next + 1));
      }
      if (name == "Timestamp") {
        EXPECT_TRUE(value.ends_with(" +0000")) << value;
      }
      const bool common = name == "AccountSid" || name == "ConferenceSid" || name == "FriendlyName" ||
                          name == "SequenceNumber" || name == "Timestamp";
      if (!common) out += (out.empty() ? "" : " ") + name + "=" + value;
    }
    return out;
  }
  static std::string participant(const std::string& event, call::LegId leg, const std::string& label,
                                 const std::string& flags = "Muted=false Hold=false Coaching=false") {
    return "StatusCallbackEvent=" + event + " CallSid=" + sid("CA", leg) + " ParticipantLabel=" + label +
           " " + flags + " EndConferenceOnExit=false StartConferenceOnEnter=true";
  }
  AccountBench::Reply update(const std::string& label, const text::Parameters& form) {
    return bench.ask(Method::Post, "/Conferences/r/Participants/" + label + ".json", form);
  }

 private:
  size_t read_ = 0;
};

TEST_F(ConferencesTest, JoiningStartingLeavingAndEnding) {
  const call::LegId ann = join("ann");
  EXPECT_EQ(told(), participant("participant-join", ann, "ann"));
  const call::LegId bob = join("bob");
  EXPECT_EQ(told(), participant("participant-join", bob, "bob"));
  EXPECT_EQ(told(), "StatusCallbackEvent=conference-start");
  EXPECT_EQ(bench.ask(Method::Delete, "/Conferences/r/Participants/bob.json").status, 204);
  EXPECT_EQ(told(), participant("participant-leave", bob, "bob") +
                        " ParticipantCallStatus=completed ReasonParticipantLeft=participant_updated_via_api "
                        "Reason=participant updated via api");
  bench.world.switchboard.on_ended(ann, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
  EXPECT_EQ(told(), participant("participant-leave", ann, "ann") +
                        " ParticipantCallStatus=completed ReasonParticipantLeft=participant_hung_up "
                        "Reason=participant hung up");
  EXPECT_EQ(told(),
            "StatusCallbackEvent=conference-end ReasonConferenceEnded=last-participant-left "
            "Reason=last participant left CallSidEndingConference=" +
                sid("CA", ann) + " ParticipantLabelEndingConference=ann");
}

// An app asks as soon as it is told; the store may be some milliseconds behind.
TEST_F(ConferencesTest, IsCompletedAtOnceAndForEver) {
  const call::LegId ann = join("ann");
  const std::string path = "/Conferences/" + sid("CF", room()) + ".json";
  EXPECT_EQ(text_of(bench.ask(Method::Get, path).body["status"]), "init");
  bench.world.switchboard.on_ended(ann, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
  for (int when = 0; when < 2; ++when) {
    const text::Json body = bench.ask(Method::Get, path).body;
    EXPECT_EQ(text_of(body["status"]), "completed");
    EXPECT_EQ(text_of(body["reason_conference_ended"]), "last-participant-left");
    EXPECT_EQ(text_of(body["call_sid_ending_conference"]), sid("CA", ann));
    bench.loop.run_until([&] { return bench.services().store.waiting_writes() == 0; });
  }
}

TEST_F(ConferencesTest, WhatTheApiDoesToAParticipant) {
  const call::LegId ann = join("ann");
  const call::LegId bob = join("bob");
  for (int i = 0; i < 3; ++i) told();
  EXPECT_EQ(update("ann", {{"Muted", "true"}}).status, 200);
  EXPECT_EQ(told(), participant("participant-mute", ann, "ann", "Muted=true Hold=false Coaching=false"));
  EXPECT_EQ(update("ann", {{"Muted", "false"}}).status, 200);
  EXPECT_EQ(told(), participant("participant-unmute", ann, "ann"));
  EXPECT_EQ(update("bob", {{"Hold", "true"}}).status, 200);
  EXPECT_EQ(told(), participant("participant-hold", bob, "bob", "Muted=false Hold=true Coaching=false"));
  EXPECT_EQ(update("bob", {{"Hold", "false"}}).status, 200);
  EXPECT_EQ(told(), participant("participant-unhold", bob, "bob"));
  EXPECT_EQ(update("ann", {{"Coaching", "true"}, {"CallSidToCoach", sid("CA", bob)}}).status, 200);
  EXPECT_EQ(told(), participant("participant-modify", ann, "ann", "Muted=false Hold=false Coaching=true") +
                        " CallSidToCoach=" + sid("CA", bob));
  EXPECT_EQ(update("ann", {{"Coaching", "false"}}).status, 200);
  EXPECT_EQ(told(), participant("participant-modify", ann, "ann"));
  EXPECT_EQ(bench.ask(Method::Post, "/Conferences/" + sid("CF", room()) + ".json", {{"Status", "completed"}})
                .status,
            200);
  std::set<std::string> left = {told(), told()};
  for (const auto& [leg, label] : {std::pair{ann, "ann"}, std::pair{bob, "bob"}}) {
    EXPECT_TRUE(
        left.contains(participant("participant-leave", leg, label) +
                      " ParticipantCallStatus=completed ReasonParticipantLeft=conference_ended_via_api "
                      "Reason=conference ended via api"))
        << *left.begin();
  }
  EXPECT_EQ(told(),
            "StatusCallbackEvent=conference-end ReasonConferenceEnded=conference-ended-via-api "
            "Reason=conference ended via api CallSidEndingConference= ParticipantLabelEndingConference=");
}

TEST_F(ConferencesTest, WhoSpeaksOneAtATime) {
  const call::LegId ann = join("ann");
  const call::LegId bob = join("bob");
  for (int i = 0; i < 3; ++i) told();
  EXPECT_EQ(bench.world.media.watched, std::vector<call::RoomId>{room()});
  bench.world.switchboard.on_speaker(room(), ann);
  EXPECT_EQ(told(), participant("participant-speech-start", ann, "ann"));
  bench.world.switchboard.on_speaker(room(), bob);
  EXPECT_EQ(told(), participant("participant-speech-stop", ann, "ann"));
  EXPECT_EQ(told(), participant("participant-speech-start", bob, "bob"));
  bench.world.switchboard.on_speaker(room(), std::nullopt);
  EXPECT_EQ(told(), participant("participant-speech-stop", bob, "bob"));
  // Whoever leaves while he speaks has spoken to the end.
  bench.world.switchboard.on_speaker(room(), bob);
  EXPECT_EQ(told(), participant("participant-speech-start", bob, "bob"));
  bench.world.switchboard.on_ended(bob, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
  EXPECT_EQ(told(), participant("participant-speech-stop", bob, "bob"));
  EXPECT_TRUE(told().starts_with("StatusCallbackEvent=participant-leave"));
}

TEST_F(ConferencesTest, AreNotWatchedForAnAppThatDoesNotAsk) {
  bench.call("<Response><Dial><Conference waitUrl=''>r</Conference></Dial></Response>");
  EXPECT_TRUE(bench.world.media.watched.empty());
}

// What an app was asked about a call, and what it said (§4.2).
TEST_F(ConferencesTest, ACallsEventsListWhatItsAppWasTold) {
  const call::LegId leg =
      bench.call("<Response><Pause length='60'/></Response>", {{"StatusCallback", app.url("/status#rc=0")},
                                                               {"StatusCallbackEvent", "initiated"},
                                                               {"StatusCallbackEvent", "answered"}});
  const std::string path = "/Calls/" + sid("CA", leg) + "/Events.json";
  const auto events = [&] { return bench.ask(Method::Get, path).body["events"]; };
  bench.loop.run_until([&] { return events().array()->size() == 2; });
  const text::Json shown = events();
  for (const auto& [index, status] : {std::pair{0, "in-progress"}, std::pair{1, "initiated"}}) {
    const text::Json& event = shown.array()->at(static_cast<size_t>(index));
    EXPECT_EQ(*event["request"]["method"].text(), "POST");
    EXPECT_EQ(*event["request"]["url"].text(), app.url("/status"));
    EXPECT_EQ(*event["request"]["parameters"]["CallStatus"].text(), status);
    EXPECT_EQ(*event["response"]["response_code"].integer(), 200);
    EXPECT_TRUE(event["response"]["date_created"].text()->ends_with("+0000"));
  }
  EXPECT_NE(app.arrivals()[0].headers.get("I-Twilio-Idempotency-Token"),
            app.arrivals()[1].headers.get("I-Twilio-Idempotency-Token"));
}

// Whom the API calls into a conference shows there from the first moment (§4.4).
TEST_F(ConferencesTest, ShowWhoIsComing) {
  const call::LegId ann = join("ann");
  const std::string path = "/Conferences/r/Participants";
  const auto invite = [&](const std::string& label) {
    return bench.ask(Method::Post, path + ".json",
                     {{"From", "+12025550101"}, {"To", "+12025550151"}, {"Label", label}, {"Beep", "false"}});
  };
  const auto status = [&](const std::string& who) {
    const auto shown = bench.ask(Method::Get, path + "/" + who + ".json");
    return shown.status == 200 ? *shown.body["status"].text() : std::to_string(shown.status);
  };
  const auto count = [&](const std::string& query = "") {
    return bench.ask(Method::Get, path + ".json" + query).body["participants"].array()->size();
  };
  const auto made = invite("bob");
  ASSERT_EQ(made.status, 201);
  const call::LegId bob = bench.world.signalling.dialled.back().leg;
  EXPECT_EQ(*made.body["call_sid"].text(), sid("CA", bob));
  EXPECT_EQ(status("bob"), "connecting");
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(count("?Muted=true"), 0u);
  EXPECT_EQ(*invite("bob").body["code"].integer(), 16025) << "the label is his";
  EXPECT_EQ(*update("bob", {{"Muted", "true"}}).body["code"].integer(), 21220);
  EXPECT_EQ(*invite("carl").body["label"].text(), "carl");
  const call::LegId carl = bench.world.signalling.dialled.back().leg;
  bench.world.switchboard.on_ringing(bob, false);
  EXPECT_EQ(status("bob"), "ringing");
  bench.world.switchboard.on_answered(bob);
  bench.settle();
  EXPECT_EQ(status(sid("CA", bob)), "connected");
  EXPECT_EQ(update("bob", {{"Muted", "true"}}).status, 200);
  EXPECT_EQ(status("carl"), "connecting");
  EXPECT_EQ(bench.ask(Method::Delete, path + "/carl.json").status, 204);
  EXPECT_EQ(status("carl"), "404");
  EXPECT_FALSE(bench.world.switchboard.leg(carl) != nullptr && bench.world.switchboard.leg(carl)->live());
  EXPECT_EQ(count(), 2u);
  EXPECT_TRUE(bench.world.switchboard.leg(ann)->live());
}

}  // namespace
}  // namespace sotto::twilio::testing
