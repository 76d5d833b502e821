#include <gtest/gtest.h>

#include "telephony/trace_render.h"
#include "telephony/trace_ring.h"

namespace sotto::telephony {
namespace {

TraceMessage message(bool sent, std::string text, const char* remote = "192.0.2.7") {
  TraceMessage out;
  out.at = base::WallTime(std::chrono::microseconds(1'767'225'601'234'000));
  out.sent = sent;
  out.local = *sip::parse_ip("192.0.2.1", 5060);
  out.remote = *sip::parse_ip(remote, 5070);
  out.text = std::move(text);
  return out;
}

std::string request(const std::string& call_id) {
  return "INVITE sip:bob@example.com SIP/2.0\r\nVia: x\r\nCall-ID: " + call_id + "\r\n\r\n";
}

TEST(TraceRing, MessagesOfOneCallAreFoundByItsDialogs) {
  TraceRing ring;
  ring.add(message(false, request("a")));
  ring.add(message(true, request("b")));
  ring.add(message(true, "SIP/2.0 200 OK\r\ni:a\r\n\r\n"));
  ring.add(message(true, request("c")));
  ring.link("a", "call1");
  ring.link("b", "call1");
  EXPECT_EQ(ring.of_call("call1").size(), 3u);
  EXPECT_EQ(ring.of_sip_call("a").size(), 2u);
  EXPECT_EQ(ring.all().size(), 4u);
  EXPECT_TRUE(ring.of_call("").size() == 1u) << "what is linked to no call";
}

TEST(TraceRing, TheOldestGoFirstWhenThereAreTooManyOrTheyAreTooLong) {
  TraceRing few(2, 1'000'000);
  for (const char* id : {"a", "b", "c"}) few.add(message(true, request(id)));
  EXPECT_TRUE(few.of_sip_call("a").empty());
  EXPECT_EQ(few.all().size(), 2u);
  TraceRing small(100, request("a").size() * 2);
  for (const char* id : {"a", "b", "c"}) small.add(message(true, request(id)));
  EXPECT_EQ(small.all().size(), 2u);
}

TEST(TraceRing, TheMarkOfOurOwnCallsIsBlottedOut) {
  TraceRing ring;
  ring.add(message(true, "INVITE sip:a SIP/2.0\r\nX-Sotto-Loop: secret\r\nCall-ID: a\r\n\r\n"));
  EXPECT_EQ(ring.all().front().text.find("secret"), std::string::npos);
  EXPECT_EQ(ring.of_sip_call("a").size(), 1u);
}

TEST(TraceRing, KeysOfTheSoundAreBlottedOut) {
  TraceRing ring;
  ring.add(message(true, request("a") + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20\r\n" +
                             "a=crypto:2 AES_256_CM_HMAC_SHA1_80 inline:c2VjcmV0\r\na=sendrecv\r\n"));
  const std::string text = ring.all().front().text;
  EXPECT_EQ(text.find("c2VjcmV0"), std::string::npos);
  EXPECT_NE(text.find("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:...|2^20\r\n"), std::string::npos);
  EXPECT_NE(text.find("inline:...\r\na=sendrecv"), std::string::npos);
}

TEST(TraceRender, MessagesStandUnderWhenAndWhither) {
  EXPECT_EQ(render_messages({message(false, "OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\n\r\n")}),
            "---- 00:00:01.234  192.0.2.7:5070 -> 192.0.2.1:5060  UDP\n"
            "OPTIONS sip:a SIP/2.0\nCall-ID: a\n\n\n");
}

TEST(TraceRender, ALadderHasAColumnForEachFarEnd) {
  const std::string ladder = render_ladder({message(false, request("a") + "application/sdp"),
                                            message(true, request("b"), "192.0.2.8"),
                                            message(true, "SIP/2.0 180 Ringing\r\nCall-ID: a\r\n\r\n")});
  EXPECT_EQ(ladder,
            "              us                   192.0.2.7:5070                    192.0.2.8:5070\n"
            "00:00:01.234  |<---- INVITE sip:bob (sdp) ------|                                 |  UDP\n"
            "00:00:01.234  |------------------------- INVITE sip:bob ------------------------->|  UDP\n"
            "00:00:01.234  |---------- 180 Ringing --------->|                                 |  UDP\n");
}

TEST(TraceRender, APcapHoldsEachMessageAsAUdpPacketWithRightChecksums) {
  const std::string text = request("a");
  const std::string pcap = render_pcap({message(true, text)});
  ASSERT_EQ(pcap.size(), 24 + 16 + 20 + 8 + text.size());
  const std::string_view packet = std::string_view(pcap).substr(40);
  EXPECT_EQ(packet.substr(28), text);
  EXPECT_EQ(packet.substr(12, 4), std::string_view("\xC0\x00\x02\x01", 4));
  const auto word = [&](size_t at) {
    return static_cast<uint32_t>(static_cast<unsigned char>(packet[at]) << 8 |
                                 static_cast<unsigned char>(packet[at + 1]));
  };
  EXPECT_EQ(word(20), 5060u);
  EXPECT_EQ(word(22), 5070u);
  uint32_t sum = 0;
  for (size_t i = 0; i < 20; i += 2) sum += word(i);
  EXPECT_EQ((sum & 0xFFFF) + (sum >> 16), 0xFFFFu);
}

TEST(TraceRender, IPv6AndNothingAtAll) {
  TraceMessage six = message(true, request("a"));
  six.local = *sip::parse_ip("2001:db8::1", 5060);
  six.remote = *sip::parse_ip("2001:db8::2", 5060);
  EXPECT_EQ(render_pcap({six}).size(), 24 + 16 + 40 + 8 + six.text.size());
  EXPECT_EQ(render_pcap({}).size(), 24u);
  EXPECT_EQ(render_ladder({}), "              us\n");
}

}  // namespace
}  // namespace sotto::telephony
