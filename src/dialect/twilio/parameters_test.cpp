// The form fields of Twilio's requests, each set as a whole (twilio.md §2.2.2, §2.4 to §2.8, §3.1, §3.6).
#include "dialect/twilio/parameters.h"

#include <gtest/gtest.h>

#include "dialect/twilio/sid.h"
#include "dialect/twilio/sip_domains.h"

namespace sotto::twilio {
namespace {

using namespace std::chrono_literals;

const Host kHost{"AC1", "http://pbx/2010-04-01/Accounts/AC1"};

std::string list(const text::Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) out += (out.empty() ? "" : " ") + name + "=" + value;
  return out;
}

call::Leg leg_of(uint64_t id, call::Direction direction) {
  call::Leg leg;
  leg.id = {0, id};
  leg.direction = direction;
  leg.state = call::LegState::Answered;
  leg.from = {call::Address::Kind::Number, "12025550150", {}};
  leg.to = {call::Address::Kind::Number, "442079460000", {}};
  leg.answered_at = base::WallTime{};
  return leg;
}

std::string of(const flow::Outcome& outcome, const std::optional<call::Leg>& child = std::nullopt,
               const std::string& about = {}) {
  Link link;
  link.about = about;
  return list(outcome_parameters(outcome, link, kHost, child));
}

TEST(Parameters, OfACallerWhoDialledANumber) {
  call::Leg leg = leg_of(1, call::Direction::Inbound);
  leg.state = call::LegState::Offered;
  leg.answered_at.reset();
  leg.from.display_name = "Ada";
  leg.forwarded_from = "+15005550010";
  leg.sip_call_id = "abc@host";
  leg.headers = {{"X-Campaign", "spring"}};
  LegNotes notes;
  notes.application_sid = "AP1";
  EXPECT_EQ(
      list(call_parameters(leg, notes, kHost)),
      "CallSid=CA00000000000000000000000000000001 AccountSid=AC1 From=+12025550150 Caller=+12025550150 "
      "To=+442079460000 Called=+442079460000 CallStatus=ringing ApiVersion=2010-04-01 Direction=inbound "
      "ForwardedFrom=+15005550010 CallerName=Ada ApplicationSid=AP1 "
      "FromCity= FromState= FromZip= FromCountry=US CallerCity= CallerState= CallerZip= "
      "CallerCountry=US ToCity= ToState= ToZip= ToCountry=GB CalledCity= CalledState= CalledZip= "
      "CalledCountry=GB SipCallId=abc@host SipHeader_X-Campaign=spring");
}

TEST(Parameters, OfACallFromAPhoneNameWhereItCameFrom) {
  call::Leg leg = leg_of(1, call::Direction::Inbound);
  leg.from = {call::Address::Kind::User, "alice", {}};
  leg.to = {call::Address::Kind::User, "bob", {}};
  leg.sip_call_id = "abc@host";
  leg.sip_domain = "desk.example";
  leg.sip_source_ip = "192.0.2.7";
  const std::string common =
      "CallSid=CA00000000000000000000000000000001 AccountSid=AC1 From=client:alice Caller=client:alice "
      "To=client:bob Called=client:bob CallStatus=in-progress ApiVersion=2010-04-01 Direction=inbound "
      "SipCallId=abc@host SipDomain=desk.example ";
  EXPECT_EQ(list(call_parameters(leg, {}, kHost)), common + "SipSourceIp=192.0.2.7");
  LegNotes notes;
  SipDomains domains;
  domains.set("SD7", {"acc", "Desk.Example", {}});
  Host host = kHost;
  host.sip_domains = [&domains](const std::string& name) { return domains.sid("acc", name); };
  EXPECT_EQ(list(call_parameters(leg, {}, host)), common + "SipDomainSid=SD7 SipSourceIp=192.0.2.7");
  EXPECT_EQ(domains.sid("other", "desk.example"), "");
  EXPECT_EQ(domains.voice("acc", "desk.example"), nullptr) << "it has no voice URL";
  domains.set("SD7", {"acc", "Desk.Example", {.url = "http://app/voice"}});
  EXPECT_EQ(domains.voice("acc", "desk.example")->url, "http://app/voice");
  notes.shown_from = "sip:alice@desk.example";
  notes.shown_to = "sip:bob@desk.example";
  EXPECT_NE(list(call_parameters(leg, notes, host))
                .find(" From=sip:alice@desk.example Caller=sip:alice@desk.example To=sip:bob@desk.example "
                      "Called=sip:bob@desk.example "),
            std::string::npos);
  notes = {};
  domains.forget("SD7");
  EXPECT_EQ(list(call_parameters(leg, {}, host)), common + "SipSourceIp=192.0.2.7");
}

TEST(Parameters, OfACalleeHaveItsParentAndNoPlacesWithoutANumber) {
  call::Leg leg = leg_of(2, call::Direction::Outbound);
  leg.from = {call::Address::Kind::User, "bob", {}};
  leg.to = {call::Address::Kind::User, "alice", {}};
  leg.sip_call_id = "def@host";
  LegNotes notes;
  notes.parent_sid = "CA9";
  notes.answered_by = "human";
  notes.custom = {{"campaign", "7"}};
  const std::string common =
      "CallSid=CA00000000000000000000000000000002 AccountSid=AC1 From=client:bob Caller=client:bob ";
  const std::string rest =
      "CallStatus=in-progress ApiVersion=2010-04-01 Direction=outbound-dial ParentCallSid=CA9 "
      "AnsweredBy=human SipCallId=def@host campaign=7";
  EXPECT_EQ(list(call_parameters(leg, notes, kHost)), common + "To=client:alice Called=client:alice " + rest);
  notes.shown_to = "AP7";
  EXPECT_EQ(list(call_parameters(leg, notes, kHost)), common + "To=AP7 Called=AP7 " + rest);
}

TEST(Parameters, OfADialThatEnded) {
  flow::Dialled dialled;
  dialled.status = flow::DialStatus::Completed;
  dialled.bridged = true;
  dialled.child = call::LegId{0, 3};
  dialled.talked = 42'900ms;
  dialled.recording = call::RecordingId{0, 4};
  const std::string bridged =
      "DialCallStatus=completed DialBridged=true DialCallSid=CA00000000000000000000000000000003 "
      "DialCallDuration=42";
  const std::string recorded =
      " RecordingSid=RE00000000000000000000000000000004 "
      "RecordingUrl=http://pbx/2010-04-01/Accounts/AC1/Recordings/RE00000000000000000000000000000004 "
      "RecordingDuration=42";
  EXPECT_EQ(of(dialled, leg_of(3, call::Direction::Outbound)), bridged + recorded);
  // Of a Sip noun, with what its far end said of itself.
  call::Leg sip = leg_of(3, call::Direction::Outbound);
  sip.to = {call::Address::Kind::Sip, "sip:bob@h", {}};
  sip.sip_call_id = "ghi@host";
  sip.far_headers = {{"X-Desk", "12"}};
  EXPECT_EQ(of(dialled, sip),
            bridged + " DialSipCallId=ghi@host DialSipResponseCode=200 DialSipHeader_X-Desk=12" + recorded);
  // Refused: the code is the refusal's.
  dialled = {};
  dialled.status = flow::DialStatus::Busy;
  dialled.child = call::LegId{0, 3};
  dialled.child_end = call::EndReason{call::EndCause::Busy, call::EndedBy::FarEnd, 486, {}};
  sip.answered_at.reset();
  EXPECT_EQ(of(dialled, sip),
            "DialCallStatus=busy DialBridged=false DialCallSid=CA00000000000000000000000000000003 "
            "DialSipCallId=ghi@host DialSipResponseCode=486 DialSipHeader_X-Desk=12");
  // One who was taken elsewhere leaves no length.
  dialled = {};
  dialled.status = flow::DialStatus::ChildTaken;
  dialled.bridged = true;
  EXPECT_EQ(of(dialled), "DialCallStatus=completed DialBridged=true");
  EXPECT_EQ(of(flow::LeftRoom{}), "DialCallStatus=answered");
}

TEST(Parameters, OfWhatIsGatheredAndRecorded) {
  flow::Gathered keys;
  keys.digits = "12";
  keys.finished_by = '#';
  EXPECT_EQ(of(keys), "Digits=12 FinishedOnKey=# msg=Gather End");
  EXPECT_EQ(of(flow::Gathered{}), "Digits= FinishedOnKey= msg=Gather End");
  flow::Gathered speech;
  speech.speech = call::SpeechHeard{{}, true, {{"yes", 0.5F}, {"yet", 0.25F}}, {}};
  EXPECT_EQ(of(speech), "SpeechResult=yes Confidence=0.5000");
  speech.speech->final = false;
  EXPECT_EQ(of(speech), "UnstableSpeechResult=yes Stability=0.5000");
  flow::Recorded recorded;
  EXPECT_EQ(of(recorded), "");
  recorded.recording = call::RecordingInfo{};
  recorded.recording->id = {0, 5};
  recorded.recording->length = 3500ms;
  const std::string file =
      "RecordingUrl=http://pbx/2010-04-01/Accounts/AC1/Recordings/RE00000000000000000000000000000005 "
      "RecordingSid=RE00000000000000000000000000000005 RecordingDuration=3 Digits=";
  for (const auto& [end, digits] :
       {std::pair{call::RecordingEnd::Key, "5"}, std::pair{call::RecordingEnd::LegLeft, "hangup"},
        std::pair{call::RecordingEnd::Silence, ""}}) {
    recorded.recording->end = end;
    recorded.recording->end_key = '5';
    EXPECT_EQ(of(recorded), file + digits);
  }
}

TEST(Parameters, OfQueues) {
  const std::string queue = "QueueSid=" + queue_sid("acc/q");
  flow::LeftQueue left;
  left.queue = "acc/q";
  left.waited = 7s;
  using Why = flow::LeftQueue::Why;
  for (const auto& [why, result] :
       {std::pair{Why::Bridged, "bridged"}, std::pair{Why::Leave, "leave"}, std::pair{Why::HungUp, "hangup"},
        std::pair{Why::Full, "queue-full"}, std::pair{Why::Redirected, "redirected"},
        std::pair{Why::RedirectedPreparing, "bridging-in-process"},
        std::pair{Why::RedirectedFromBridge, "redirected-from-bridged"}, std::pair{Why::Refused, "error"},
        std::pair{Why::Failed, "system-error"}}) {
    left.why = why;
    EXPECT_EQ(of(left), "QueueResult=" + std::string(result) + " " + queue + " QueueTime=7");
  }
  left.taker = call::LegId{0, 6};
  left.why = Why::Refused;
  EXPECT_EQ(of(left),
            "QueueResult=error " + queue + " QueueTime=7 DequeingCallSid=CA00000000000000000000000000000006");
  flow::Dequeued dequeued;
  dequeued.queue = "acc/q";
  dequeued.waited = 2s;
  EXPECT_EQ(of(dequeued),
            "DialCallStatus=no-answer DialBridged=false " + queue + " QueueTime=2 QueueResult=error");
  dequeued.unknown_queue = true;
  EXPECT_EQ(of(dequeued),
            "DialCallStatus=failed DialBridged=false " + queue + " QueueTime=2 QueueResult=error");
  dequeued.unknown_queue = false;
  dequeued.failed = true;
  EXPECT_EQ(of(dequeued),
            "DialCallStatus=failed DialBridged=false " + queue + " QueueTime=2 QueueResult=system-error");
  dequeued = {"acc/q", true, false, call::LegId{0, 6}, 2s, 30s};
  EXPECT_EQ(of(dequeued), "DialCallStatus=answered DialBridged=true " + queue +
                              " QueueTime=2 QueueResult=bridged "
                              "DialCallSid=CA00000000000000000000000000000006 DialCallDuration=30");
  // AvgQueueTime and MaxQueueSize are added where the queue is known.
  EXPECT_EQ(of(flow::Waiting{1, "acc/q", 2, 3, 9s}),
            "QueuePosition=2 " + queue + " QueueTime=9 CurrentQueueSize=3");
  EXPECT_EQ(of(flow::Waiting{}, std::nullopt, "My Room"), "FriendlyName=My Room");
}

// The examples of the vendor's page (twilio.md §2.5).
TEST(Parameters, OfTransfers) {
  for (const auto& [refer, notify, status] :
       {std::tuple{202, 200, "in-progress"}, std::tuple{202, 486, "busy"}, std::tuple{202, 603, "failed"},
        std::tuple{202, 180, "canceled"}}) {
    EXPECT_EQ(of(flow::Referred{refer, notify}), "ReferCallStatus=" + std::string(status) +
                                                     " ReferSipResponseCode=" + std::to_string(refer) +
                                                     " NotifySipResponseCode=" + std::to_string(notify));
  }
  EXPECT_EQ(of(flow::Referred{405, 0}), "ReferCallStatus=failed ReferSipResponseCode=405");
  EXPECT_EQ(of(flow::TransferAsked{{0, 1}, {call::Address::Kind::Sip, "sip:c@h", {}}}),
            "ReferTransferTarget=sip:c@h");
}

TEST(Parameters, OfARecordingsCallback) {
  call::RecordingInfo info;
  info.id = {0, 8};
  info.room = {0, 9};
  RecordingOwner owner;
  owner.source = "Conference";
  info.spec.owner = to_text(owner);
  const std::string common =
      "AccountSid=AC1 RecordingSid=RE00000000000000000000000000000008 "
      "RecordingUrl=http://pbx/2010-04-01/Accounts/AC1/Recordings/RE00000000000000000000000000000008 ";
  EXPECT_EQ(list(recording_parameters(info, kHost)),
            common +
                "RecordingChannels=1 RecordingSource=Conference RecordingTrack=both "
                "ConferenceSid=CF00000000000000000000000000000009");
  owner.source = "OutboundAPI";
  owner.track = "outbound";
  info.spec.owner = to_text(owner);
  info.leg = call::LegId{0, 1};
  EXPECT_EQ(list(recording_parameters(info, kHost)),
            common +
                "RecordingChannels=1 RecordingSource=OutboundAPI RecordingTrack=outbound "
                "CallSid=CA00000000000000000000000000000001");
}

// twilio.md §2.2.2 and §8.2: what a leg's end is called.
TEST(Parameters, TheStatusOfALegThatEnded) {
  using call::EndCause;
  using call::EndedBy;
  call::Leg callee = leg_of(1, call::Direction::Outbound);
  callee.state = call::LegState::Ended;
  callee.answered_at.reset();
  call::Leg caller = callee;
  caller.direction = call::Direction::Inbound;
  const struct {
    EndCause cause;
    EndedBy by;
    const char* of_callee;
    const char* of_caller;
  } kRows[] = {{EndCause::Busy, EndedBy::FarEnd, "busy", "busy"},
               {EndCause::Declined, EndedBy::FarEnd, "busy", "no-answer"},
               {EndCause::NoAnswer, EndedBy::FarEnd, "no-answer", "no-answer"},
               {EndCause::RingTimeout, EndedBy::Platform, "no-answer", "no-answer"},
               {EndCause::Cancelled, EndedBy::Api, "canceled", "canceled"},
               {EndCause::Cancelled, EndedBy::FarEnd, "canceled", "no-answer"},
               {EndCause::AnsweredElsewhere, EndedBy::Platform, "canceled", "canceled"},
               {EndCause::DriverLeft, EndedBy::OtherLeg, "canceled", "canceled"},
               {EndCause::HungUp, EndedBy::Api, "canceled", "canceled"},
               {EndCause::ProgramEnded, EndedBy::Program, "no-answer", "no-answer"},
               {EndCause::Unroutable, EndedBy::Platform, "failed", "failed"},
               {EndCause::Unreachable, EndedBy::Platform, "failed", "failed"},
               {EndCause::FarFailure, EndedBy::FarEnd, "failed", "failed"}};
  for (const auto& row : kRows) {
    const call::EndReason reason{row.cause, row.by, 0, {}};
    EXPECT_EQ(final_status(callee, reason), row.of_callee) << static_cast<int>(row.cause);
    EXPECT_EQ(final_status(caller, reason), row.of_caller) << static_cast<int>(row.cause);
    // Whoever was answered has completed, however he ended.
    call::Leg answered = callee;
    answered.answered_at = base::WallTime{};
    EXPECT_EQ(final_status(answered, reason), "completed");
  }
}

}  // namespace
}  // namespace sotto::twilio
