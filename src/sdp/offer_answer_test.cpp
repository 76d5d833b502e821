#include "sdp/offer_answer.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::sdp {
namespace {

const Codec kOpus{"opus", 48'000, 2, std::nullopt, "useinbandfec=1"};
const Codec kG722{"G722", 8'000, 1, 9, ""};
const Codec kPcma{"PCMA", 8'000, 1, 8, ""};
const Codec kPcmu{"PCMU", 8'000, 1, 0, ""};

Local local(std::vector<Codec> codecs = {kOpus, kG722, kPcma, kPcmu}) {
  return {.session_id = 7,
          .session_version = 1,
          .address = {false, "192.0.2.1"},
          .port = 30'000,
          .codecs = std::move(codecs)};
}

// An offer whose body is `lines`, each with its end.
Session offer_of(const std::string& lines) {
  auto session =
      parse("v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n" + lines);
  EXPECT_TRUE(session) << session.error().detail;
  return *session;
}

bool has_line(const Session& session, const std::string& line) {
  return serialize(session).find(line + "\r\n") != std::string::npos;
}

TEST(Offer, NamesEveryCodecWithEventsAtEachClockRate) {
  const std::string text = serialize(make_offer(local()));
  EXPECT_EQ(
      text,
      "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
      "m=audio 30000 RTP/AVP 96 9 8 0 101 97\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
      "a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
      "a=rtpmap:101 telephone-event/48000\r\na=fmtp:101 0-15\r\na=rtpmap:97 telephone-event/8000\r\n"
      "a=fmtp:97 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
}

TEST(Offer, ALaterOneKeepsPayloadTypesAndLines) {
  const Session theirs = offer_of(
      "m=audio 4000 RTP/AVP 111 100\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:100 telephone-event/48000\r\n"
      "m=video 4002 RTP/AVP 99\r\na=rtpmap:99 VP8/90000\r\n");
  const auto answered = answer(theirs, local());
  ASSERT_TRUE(answered);
  const Session again = make_offer(local(), answered->answer);
  ASSERT_EQ(again.media.size(), 2U);
  EXPECT_TRUE(has_line(again, "a=rtpmap:111 opus/48000/2"));
  EXPECT_TRUE(has_line(again, "a=rtpmap:100 telephone-event/48000"));
  EXPECT_EQ(again.media[1].port, 0);
}

TEST(Answer, TakesTheirFirstCodecThatWeHave) {
  const auto answered =
      answer(offer_of("m=audio 4000 RTP/AVP 18 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"), local());
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->agreed.codec.codec.name, "PCMU");
  EXPECT_EQ(answered->agreed.events->send_payload_type, 101);
  EXPECT_EQ(answered->agreed.remote_address.address, "198.51.100.9");
  EXPECT_EQ(answered->agreed.remote_port, 4000);
  EXPECT_EQ(answered->agreed.remote_rtcp_port, 4001);
  EXPECT_EQ(answered->answer.media[0].formats, (std::vector<std::string>{"0", "101"}));
}

TEST(Answer, TakesOurFirstCodecWhereWeAsk) {
  Local ours = local();
  ours.codec_order = CodecOrder::Ours;
  EXPECT_EQ(answer(offer_of("m=audio 4000 RTP/AVP 0 8 9\r\n"), ours)->agreed.codec.codec.name, "G722");
}

TEST(Answer, G729AloneIsRefused) {
  const auto answered = answer(offer_of("m=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"), local());
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().code, ErrorCode::Unsupported);
}

TEST(Answer, EventsFollowTheCodecsClockWhereBothAreOffered) {
  const Session offer = offer_of(
      "m=audio 4000 RTP/AVP 111 126 110\r\na=rtpmap:111 OPUS/48000/2\r\n"
      "a=rtpmap:126 telephone-event/8000\r\na=rtpmap:110 telephone-event/48000\r\n");
  const auto answered = answer(offer, local());
  EXPECT_EQ(answered->agreed.codec.send_payload_type, 111);
  EXPECT_EQ(answered->agreed.events->send_payload_type, 110);
  EXPECT_EQ(answered->agreed.events->clock_rate_hz, 48'000U);
}

TEST(Answer, EveryOtherLineIsRefusedByPortZeroInItsPlace) {
  const auto answered =
      answer(offer_of("m=video 4002 RTP/AVP 99\r\nm=audio 0 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 0\r\n"
                      "m=audio 4010 RTP/AVP 0\r\nm=application 9 TCP/BFCP *\r\n"),
             local());
  ASSERT_TRUE(answered);
  const auto& media = answered->answer.media;
  ASSERT_EQ(media.size(), 5U);
  EXPECT_EQ(media[0].port, 0);
  EXPECT_EQ(media[1].port, 0);
  EXPECT_EQ(media[2].port, 30'000);
  EXPECT_EQ(media[3].port, 0);
  EXPECT_EQ(media[4].port, 0);
  EXPECT_EQ(media[4].protocol, "TCP/BFCP");
}

TEST(Answer, HoldInAllItsForms) {
  struct Row {
    const char* lines;
    const char* answered;
    Direction ours;
    bool holds;
  };
  const Row rows[] = {
      {"m=audio 4000 RTP/AVP 0\r\n", "sendrecv", Direction::SendReceive, false},
      {"m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", "recvonly", Direction::ReceiveOnly, true},
      {"m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", "sendonly", Direction::SendOnly, false},
      {"m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", "inactive", Direction::Inactive, true},
      {"a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n", "recvonly", Direction::ReceiveOnly, true},
      {"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", "recvonly", Direction::ReceiveOnly, true},
      {"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na=sendonly\r\n", "recvonly", Direction::ReceiveOnly,
       true},
  };
  for (const Row& row : rows) {
    const auto answered = answer(offer_of(row.lines), local());
    ASSERT_TRUE(answered) << row.lines;
    EXPECT_TRUE(has_line(answered->answer, std::string("a=") + row.answered)) << row.lines;
    EXPECT_EQ(answered->agreed.direction, row.ours) << row.lines;
    EXPECT_EQ(answered->agreed.remote_holds, row.holds) << row.lines;
  }
}

TEST(Answer, PacketLengthFollowsPtimeAndMaxptime) {
  const auto ptime = [](const std::string& lines) {
    return answer(offer_of("m=audio 4000 RTP/AVP 0\r\n" + lines), local())->agreed.ptime_ms;
  };
  EXPECT_EQ(ptime(""), 20U);
  EXPECT_EQ(ptime("a=ptime:40\r\n"), 40U);
  EXPECT_EQ(ptime("a=ptime:30\r\n"), 20U);
  EXPECT_EQ(ptime("a=ptime:60\r\na=maxptime:40\r\n"), 40U);
  EXPECT_EQ(ptime("a=ptime:500\r\n"), 60U);
  EXPECT_EQ(ptime("a=maxptime:10\r\n"), 10U);
  EXPECT_EQ(ptime("a=ptime:x\r\n"), 20U);
}

TEST(Answer, IPv6AndAnExplicitRtcpAddress) {
  const auto answered =
      answer(offer_of("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::9\r\na=rtcp:5000 IN IP6 2001:db8::a\r\n"),
             local());
  EXPECT_TRUE(answered->agreed.remote_address.ipv6);
  EXPECT_EQ(answered->agreed.remote_address.address, "2001:db8::9");
  EXPECT_EQ(answered->agreed.remote_rtcp_port, 5000);
  EXPECT_EQ(answered->agreed.remote_rtcp_address.address, "2001:db8::a");
}

TEST(Answer, SdesTakesASuiteOfOursWithTheirTag) {
  Local ours = local();
  ours.cryptos = {{1, "AEAD_AES_128_GCM", "inline:OURGCM"}, {2, "AES_CM_128_HMAC_SHA1_80", "inline:OURCM"}};
  const auto answered =
      answer(offer_of("m=audio 4000 RTP/SAVP 0\r\na=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:THEIRS|2^20\r\n"
                      "a=crypto:5 F8_128_HMAC_SHA1_80 inline:X\r\n"),
             ours);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->agreed.security, Security::Sdes);
  EXPECT_EQ(answered->agreed.remote_crypto->key, "inline:THEIRS|2^20");
  EXPECT_TRUE(has_line(answered->answer, "a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:OURCM"));
  EXPECT_FALSE(
      answer(offer_of("m=audio 4000 RTP/SAVP 0\r\na=crypto:5 F8_128_HMAC_SHA1_80 inline:X\r\n"), ours));
  ours.security_required = true;
  EXPECT_FALSE(answer(offer_of("m=audio 4000 RTP/AVP 0\r\n"), ours));
}

// What Chromium offers, shortened.
TEST(Answer, ABrowsersBundledStream) {
  Local ours = local();
  ours.rtcp_mux = true;
  ours.dtls = Dtls{"sha-256 AA:BB", Setup::ActPass};
  ours.ice = Ice{"usr", "password", true, {"1 1 UDP 2130706431 192.0.2.1 30000 typ host"}};
  const Session offer = offer_of(
      "a=group:BUNDLE 0 1\r\na=fingerprint:sha-256 CC:DD\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 110\r\nc=IN "
      "IP4 0.0.0.0\r\n"
      "a=rtcp:9 IN IP4 "
      "0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efgh\r\na=setup:actpass\r\na=mid:0\r\na=rtcp-mux\r\n"
      "a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\nm=video 9 UDP/TLS/RTP/SAVPF "
      "96\r\na=mid:1\r\n");
  const auto answered = answer(offer, ours);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->agreed.security, Security::Dtls);
  EXPECT_EQ(answered->agreed.local_setup, Setup::Passive);
  EXPECT_EQ(answered->agreed.remote_dtls->fingerprint, "sha-256 CC:DD");
  EXPECT_EQ(answered->agreed.remote_ice->user_fragment, "abcd");
  EXPECT_EQ(answered->agreed.remote_rtcp_port, 9);
  EXPECT_EQ(answered->agreed.direction, Direction::SendReceive);
  for (const char* line :
       {"a=group:BUNDLE 0", "a=ice-lite", "a=setup:passive", "a=mid:0", "a=rtcp-mux", "a=ice-ufrag:usr",
        "a=fingerprint:sha-256 AA:BB", "m=video 0 UDP/TLS/RTP/SAVPF 96"}) {
    EXPECT_TRUE(has_line(answered->answer, line)) << line;
  }
}

TEST(AcceptAnswer, OurPayloadTypesToReceiveAndTheirsToSend) {
  const Session offer = make_offer(local());
  const auto agreed = accept_answer(offer,
                                    offer_of("m=audio 4000 RTP/AVP 120 121\r\na=rtpmap:120 "
                                             "opus/48000/2\r\na=rtpmap:121 telephone-event/48000\r\n"),
                                    local());
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->codec.send_payload_type, 120);
  EXPECT_EQ(agreed->codec.receive_payload_type, 96);
  EXPECT_EQ(agreed->events->send_payload_type, 121);
  EXPECT_EQ(agreed->events->receive_payload_type, 101);
}

TEST(AcceptAnswer, WhatBreaksTheRulesIsRefused) {
  const Session offer = make_offer(local());
  EXPECT_EQ(accept_answer(offer, offer_of(""), local()).error().code, ErrorCode::Invalid);
  EXPECT_EQ(accept_answer(offer, offer_of("m=video 4000 RTP/AVP 0\r\n"), local()).error().code,
            ErrorCode::Invalid);
  EXPECT_EQ(accept_answer(offer, offer_of("m=audio 0 RTP/AVP 0\r\n"), local()).error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(accept_answer(offer, offer_of("m=audio 4000 RTP/AVP 18\r\n"), local()).error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(accept_answer(offer, offer_of("m=audio 4000 RTP/SAVP 0\r\n"), local()).error().code,
            ErrorCode::Invalid);
}

TEST(AcceptAnswer, KeysOfBothSides) {
  Local ours = local();
  ours.security = Security::Sdes;
  ours.cryptos = {{1, "AEAD_AES_128_GCM", "inline:A"}, {1, "AES_CM_128_HMAC_SHA1_80", "inline:B"}};
  const auto agreed = accept_answer(
      make_offer(ours),
      offer_of("m=audio 4000 RTP/SAVP 0\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:C\r\n"), ours);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->local_crypto->key, "inline:B");
  EXPECT_EQ(agreed->remote_crypto->key, "inline:C");
  EXPECT_FALSE(accept_answer(make_offer(ours), offer_of("m=audio 4000 RTP/SAVP 0\r\n"), ours));
}

// Two ends with random abilities. The rules are checked on the text alone, as a third party would.
class Exchange {
 public:
  explicit Exchange(uint64_t seed) : random_(seed) {}

  Local any_end() {
    Local end = local({});
    const Codec all[] = {kOpus, kG722, kPcma, kPcmu, {"L16", 16'000, 1, std::nullopt, ""}};
    for (const Codec& codec : all) {
      if (random_.below(2) == 0)
        end.codecs.insert(end.codecs.begin() + static_cast<int>(random_.below(end.codecs.size() + 1)), codec);
    }
    end.telephone_events = random_.below(2) == 0;
    end.direction = static_cast<Direction>(random_.below(4));
    end.rtcp_mux = random_.below(2) == 0;
    end.codec_order = random_.below(2) == 0 ? CodecOrder::Ours : CodecOrder::Theirs;
    end.ptime_ms = 20 * static_cast<uint32_t>(1 + random_.below(3));
    return end;
  }
  uint64_t below(uint64_t bound) { return random_.below(bound); }

 private:
  base::SeededRandom random_;
};

std::string direction_line(const Media& media) {
  for (const char* name : {"sendrecv", "sendonly", "recvonly", "inactive"}) {
    if (find(media.attributes, name) != nullptr) return name;
  }
  return "sendrecv";
}

// RFC 3264 §6.1: which directions may answer which.
bool may_answer(const std::string& offered, const std::string& answered) {
  static const std::set<std::pair<std::string, std::string>> kAllowed = {
      {"sendrecv", "sendrecv"}, {"sendrecv", "sendonly"}, {"sendrecv", "recvonly"},
      {"sendrecv", "inactive"}, {"sendonly", "recvonly"}, {"sendonly", "inactive"},
      {"recvonly", "sendonly"}, {"recvonly", "inactive"}, {"inactive", "inactive"}};
  return kAllowed.contains({offered, answered});
}

TEST(OfferAnswer, RandomEndsFollowRfc3264) {
  int agreements = 0;
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    Exchange exchange(seed);
    const Local one = exchange.any_end();
    const Local two = exchange.any_end();
    Session offer = make_offer(one);
    const size_t before = exchange.below(3);
    for (size_t i = 0; i < before; ++i) {
      offer.media.insert(offer.media.begin(),
                         Media{.type = "video", .port = 9000, .protocol = "RTP/AVP", .formats = {"99"}});
    }
    std::set<std::string> in_common;
    for (const Codec& codec : one.codecs) {
      for (const Codec& other : two.codecs) {
        if (codec.name == other.name) in_common.insert(codec.name);
      }
    }
    const auto parsed = parse(serialize(offer));
    if (one.codecs.empty()) {
      EXPECT_FALSE(parsed) << "seed " << seed;  // no format to offer: not a description
      continue;
    }
    ASSERT_TRUE(parsed) << "seed " << seed;
    const auto answered = answer(*parsed, two);
    ASSERT_EQ(answered.has_value(), !in_common.empty()) << "seed " << seed;
    if (!answered) continue;
    ++agreements;
    const auto heard = parse(serialize(answered->answer));
    ASSERT_TRUE(heard) << "seed " << seed;
    ASSERT_EQ(heard->media.size(), offer.media.size()) << "seed " << seed;
    for (size_t i = 0; i < heard->media.size(); ++i) {
      EXPECT_EQ(heard->media[i].type, offer.media[i].type);
      EXPECT_EQ(heard->media[i].protocol, offer.media[i].protocol);
      EXPECT_EQ(heard->media[i].port == 0, i != before) << "seed " << seed;
      for (const std::string& format : heard->media[i].formats) {
        EXPECT_NE(std::ranges::find(offer.media[i].formats, format), offer.media[i].formats.end())
            << "seed " << seed;
      }
    }
    EXPECT_TRUE(may_answer(direction_line(offer.media[before]), direction_line(heard->media[before])))
        << "seed " << seed;
    if (before > 0) continue;
    const auto agreed = accept_answer(offer, *heard, one);
    ASSERT_TRUE(agreed) << "seed " << seed << ": " << agreed.error().detail;
    EXPECT_EQ(agreed->codec.codec.name, answered->agreed.codec.codec.name);
    EXPECT_EQ(agreed->codec.send_payload_type, answered->agreed.codec.receive_payload_type);
    EXPECT_EQ(agreed->codec.receive_payload_type, answered->agreed.codec.send_payload_type);
    EXPECT_EQ(agreed->events.has_value(), answered->agreed.events.has_value());
    EXPECT_EQ(agreed->direction, reversed(answered->agreed.direction)) << "seed " << seed;
    EXPECT_EQ(agreed->rtcp_mux, answered->agreed.rtcp_mux);
  }
  EXPECT_GT(agreements, 1'500);
}

}  // namespace
}  // namespace sotto::sdp
