#include <gtest/gtest.h>

#include "telephony/addresses.h"
#include "telephony/end_codes.h"
#include "telephony/info_digit.h"
#include "telephony/leg_sdp.h"
#include "telephony/origin.h"

namespace sotto::telephony {
namespace {

using call::EndCause;
using namespace std::chrono_literals;

TEST(InfoDigit, BothBodiesThatPhonesSend) {
  const auto plain = digit_of_info("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->digit, '5');
  EXPECT_EQ(plain->length, 160ms);
  EXPECT_EQ(digit_of_info("application/dtmf; charset=utf-8", "*\r\n")->digit, '*');
  EXPECT_EQ(digit_of_info("application/dtmf-relay", "Signal=11")->digit, '#');
}

TEST(InfoDigit, AnythingElseIsNoDigit) {
  for (const char* body : {"", "Signal=", "Signal=99", "Duration=5", "Signal=x"}) {
    EXPECT_FALSE(digit_of_info("application/dtmf-relay", body)) << body;
  }
  EXPECT_FALSE(digit_of_info("text/plain", "5"));
}

struct StatusCase {
  int status;
  EndCause cause;
};

TEST(EndCodes, WhatAFinalResponseMeans) {
  for (const auto& [status, cause] :
       {StatusCase{486, EndCause::Busy}, StatusCase{603, EndCause::Declined},
        StatusCase{480, EndCause::NoAnswer}, StatusCase{404, EndCause::Unroutable},
        StatusCase{500, EndCause::FarFailure}, StatusCase{503, EndCause::Unreachable}}) {
    sip::EndedEvent ended;
    ended.status = status;
    const call::EndReason reason = reason_of(ended);
    EXPECT_EQ(reason.cause, cause) << status;
    EXPECT_EQ(reason.sip_code, status);
    EXPECT_EQ(reason.by, call::EndedBy::FarEnd);
  }
}

TEST(EndCodes, AByeIsAHangUpAndSilenceIsUnreachable) {
  sip::EndedEvent ended;
  ended.answered = true;
  EXPECT_EQ(reason_of(ended).cause, EndCause::HungUp);
  ended.by = sip::EndedBy::Network;
  EXPECT_EQ(reason_of(ended).cause, EndCause::Unreachable);
}

TEST(EndCodes, LosersOfARaceAreToldThatTheCallWasAnsweredElsewhere) {
  const sip::HangUp told = hang_up_of({EndCause::AnsweredElsewhere, call::EndedBy::Platform, 0, {}});
  EXPECT_NE(told.reason_header.find("cause=200"), std::string::npos);
  EXPECT_EQ(hang_up_of({EndCause::Busy, call::EndedBy::Program, 0, {}}).status, 486);
  EXPECT_EQ(hang_up_of({EndCause::Declined, call::EndedBy::Program, 403, {}}).status, 403);
}

TEST(Addresses, NumbersUsersAndTheAnonymous) {
  EXPECT_EQ(party_of("sip:+4930123@example.com", "\"Ann \\\"A\\\"\""),
            (base::Address{base::Address::Kind::Number, "4930123", "Ann \"A\""}));
  EXPECT_EQ(party_of("sip:alice@example.com", {}).kind, base::Address::Kind::Sip);
  EXPECT_EQ(party_of("sip:anonymous@anonymous.invalid", {}).kind, base::Address::Kind::Anonymous);
  EXPECT_EQ(user_part({base::Address::Kind::User, "a b@c", {}}), "a%20b%40c");
}

TEST(Addresses, BothFamiliesSurviveTheRoundTrip) {
  for (const char* text : {"192.0.2.7:5060", "[2001:db8::7]:5061"}) {
    const auto endpoint = net::parse_endpoint(text);
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(to_net(to_sip(*endpoint)), *endpoint);
  }
}

TEST(Origin, OurPagesListedPagesAndProgramsMayConnect) {
  EXPECT_TRUE(is_allowed_origin("", "pbx.example.com", {}));
  EXPECT_TRUE(is_allowed_origin("https://pbx.example.com:8443", "PBX.example.com:8443", {}));
  EXPECT_FALSE(is_allowed_origin("https://pbx.example.com:8443", "pbx.example.com", {}));
  EXPECT_FALSE(is_allowed_origin("https://evil.example", "pbx.example.com", {"https://desk.example"}));
  EXPECT_TRUE(is_allowed_origin("https://desk.example", "pbx.example.com", {"https://desk.example"}));
  EXPECT_FALSE(is_allowed_origin("null", "pbx.example.com", {}));
  EXPECT_TRUE(is_allowed_origin("null", "pbx.example.com", {"*"}));
}

const media::LocalPorts kPorts{"192.0.2.1", 20'000, 20'001};

TEST(LegSdp, AnOfferAndItsAnswerAgreeOnBothSides) {
  LegSdp ours(kPorts, 1, {"PCMA", "PCMU"}, 0ms);
  LegSdp theirs({"192.0.2.2", 30'000, 30'001}, 2, {"PCMU"}, 0ms);
  const auto answer = theirs.answer(ours.make_offer());
  ASSERT_TRUE(answer);
  ASSERT_TRUE(ours.accept_answer(*answer));
  EXPECT_EQ(ours.settings()->codec, audio::CodecId::Pcmu);
  EXPECT_EQ(theirs.settings()->codec, audio::CodecId::Pcmu);
  EXPECT_EQ(ours.settings()->remote.text(), "192.0.2.2:30000");
  EXPECT_TRUE(ours.settings()->event_payload_type.has_value());
}

TEST(LegSdp, DrawsKeysOnlyForAStreamThatNeedsThem) {
  base::SeededRandom random{1};
  int drawn = 0;
  const auto make_keys = [&] {
    ++drawn;
    return SoundKeys::make(random, {});
  };
  LegSdp ours(kPorts, 1, {"PCMU"}, 0ms);
  LegSdp theirs({"192.0.2.2", 30'000, 30'001}, 2, {"PCMU"}, 0ms);
  ours.set_keys(make_keys);
  theirs.set_keys(make_keys);
  ASSERT_TRUE(theirs.answer(ours.make_offer()));
  EXPECT_EQ(drawn, 0);
  LegSdp protecting(kPorts, 1, {"PCMU"}, 0ms);
  protecting.set_keys(make_keys);
  ASSERT_TRUE(theirs.answer(protecting.make_offer(sdp::Security::Sdes)));
  EXPECT_EQ(drawn, 2);
}

// Both ends of one stream with keys of their own.
struct ProtectedSdp : testing::Test {
  base::SeededRandom random{1};
  LegSdp ours{kPorts, 1, {"PCMU"}, 0ms};
  LegSdp theirs{{"192.0.2.2", 30'000, 30'001}, 2, {"PCMU"}, 0ms};

  ProtectedSdp() {
    ours.set_keys([this] { return SoundKeys::make(random, "sha-256 AA:BB"); });
    theirs.set_keys([this] { return SoundKeys::make(random, "sha-256 CC:DD"); });
  }
  void agree(sdp::Security security) {
    const auto answer = theirs.answer(ours.make_offer(security));
    ASSERT_TRUE(answer) << answer.error().detail;
    const auto accepted = ours.accept_answer(*answer);
    ASSERT_TRUE(accepted) << accepted.error().detail;
  }
  template <typename T>
  static T protection(const LegSdp& side) {
    return std::get<T>(side.settings()->protection);
  }
};

TEST_F(ProtectedSdp, SdesGivesEachTheOthersKey) {
  agree(sdp::Security::Sdes);
  const auto mine = protection<media::SdesKeys>(ours);
  const auto other = protection<media::SdesKeys>(theirs);
  EXPECT_EQ(mine.ours, other.theirs);
  EXPECT_EQ(mine.theirs, other.ours);
  EXPECT_FALSE(mine.ours == mine.theirs);
  agree(sdp::Security::None);  // a re-INVITE: protected as before, by the same keys
  EXPECT_EQ(protection<media::SdesKeys>(ours), mine);
}

TEST_F(ProtectedSdp, DtlsGivesEachTheOthersFingerprintAndOneOfThemBegins) {
  agree(sdp::Security::Dtls);
  const auto mine = protection<media::DtlsSettings>(ours);
  const auto other = protection<media::DtlsSettings>(theirs);
  EXPECT_EQ(mine.fingerprint, "sha-256 CC:DD");
  EXPECT_EQ(other.fingerprint, "sha-256 AA:BB");
  EXPECT_NE(mine.active, other.active);
  EXPECT_TRUE(mine.ice && other.ice);
  EXPECT_TRUE(ours.settings()->rtcp_mux);
}

TEST_F(ProtectedSdp, AnswersABrowser) {
  const auto answer = theirs.answer(
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
      "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=ice-options:trickle\r\n"
      "a=fingerprint:sha-256 11:22\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n"
      "a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:126 telephone-event/8000\r\n");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_NE(answer->find("a=ice-lite"), std::string::npos);
  EXPECT_NE(answer->find("a=candidate:1 1 UDP 2130706431 192.0.2.2 30000 typ host"), std::string::npos);
  const auto dtls = protection<media::DtlsSettings>(theirs);
  EXPECT_EQ(dtls.fingerprint, "sha-256 11:22");
  EXPECT_FALSE(theirs.far_holds());
}

TEST(LegSdp, NothingInCommonIsUnsupported) {
  LegSdp ours(kPorts, 1, {"PCMA"}, 0ms);
  LegSdp theirs(kPorts, 2, {"PCMU"}, 0ms);
  const auto answer = theirs.answer(ours.make_offer());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unsupported);
}

TEST(LegSdp, AnAnswerWithoutAnOfferIsRefused) {
  LegSdp ours(kPorts, 1, {}, 0ms);
  EXPECT_EQ(ours.accept_answer("v=0\r\n").error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace sotto::telephony
