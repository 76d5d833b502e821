// The cases of RFC 5118, sent to a whole user agent: addresses of IPv6 wherever a message may hold one.
#include <gtest/gtest.h>

#include "sip/registrar.h"
#include "sip/test_network.h"

namespace sotto::sip {
namespace {

struct Row {
  std::string_view about;
  std::string_view method;
  std::string_view request_uri;
  std::string_view headers;  // beyond those of every row
  std::string_view body;
  std::string_view outcome;  // "invite" if the call is offered to the application, a status, or "silence"
};

const Row kRows[] = {
    {"4.1 a reference in the Request-URI, Via and Contact", "REGISTER", "sip:[2001:db8::10]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nTo: <sip:user@example.com>\r\n"
     "Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n",
     "", "401"},
    {"4.2 an address without brackets is none", "REGISTER", "sip:2001:db8::10",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nTo: <sip:user@example.com>\r\n", "", "400"},
    {"4.3 what looks like a port within the brackets is the address", "REGISTER", "sip:[2001:db8::10:5070]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nTo: <sip:user@example.com>\r\n", "", "401"},
    {"4.4 a port behind the brackets", "REGISTER", "sip:[2001:db8::10]:5070",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nTo: <sip:user@example.com>\r\n", "", "401"},
    {"4.5 brackets in received", "BYE", "sip:[2001:db8::10]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111\r\n"
     "To: <sip:user@example.com>;tag=bd76ya\r\n",
     "", "481"},
    {"4.5 no brackets in received, which RFC 3261 has", "BYE", "sip:[2001:db8::10]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-111\r\n"
     "To: <sip:user@example.com>;tag=bd76ya\r\n",
     "", "481"},
    {"4.6 in the description", "INVITE", "sip:user@[2001:db8::10]",
     "Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111\r\nTo: <sip:user@[2001:db8::10]>\r\n"
     "Contact: <sip:caller@[2001:db8::20]>\r\nContent-Type: application/sdp\r\n",
     "v=0\r\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\ns=Live\r\nc=IN IP6 2001:db8::20\r\n"
     "t=3338481189 3370017201\r\nm=audio 6000 RTP/AVP 2\r\na=rtpmap:2 G726-32/8000\r\n",
     "invite"},
    {"4.7 both families among the Vias", "BYE", "sip:user@host.example.net",
     "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\r\n"
     "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\r\n"
     "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200\r\n"
     "To: <sip:user@example.com>;tag=bd76ya\r\n",
     "", "481"},
    {"4.8 both families in one description", "INVITE", "sip:user@[2001:db8::10]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nTo: <sip:user@[2001:db8::10]>\r\n"
     "Contact: <sip:caller@[2001:db8::9:1]>\r\nContent-Type: application/sdp\r\n",
     "v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\nm=audio 22334 RTP/AVP 0\r\n"
     "c=IN IP4 192.0.2.1\r\nm=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\na=rtpmap:107 "
     "H263-1998/90000\r\n",
     "invite"},
    {"4.9 IPv4 addresses as IPv6", "INVITE", "sip:user@example.com",
     "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19\r\n"
     "Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111\r\nTo: <sip:user@example.com>\r\n"
     "Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\r\nContent-Type: application/sdp\r\n",
     "v=0\r\no=bob 280744730 28977631 IN IP6 ::ffff:192.0.2.2\r\ns=\r\nc=IN IP6 ::ffff:192.0.2.2\r\nt=0 0\r\n"
     "m=audio 22334 RTP/AVP 0\r\n",
     "invite"},
    {"4.10 an IPv4 address at the end, in the grammar as it was meant", "OPTIONS",
     "sip:user@[2001:db8::192.0.2.1]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3\r\nTo: <sip:user@[2001:db8::192.0.2.1]>\r\n", "",
     "200"},
    {"4.10 three colons, as RFC 3261 allowed by mistake", "OPTIONS", "sip:user@[2001:db8:::192.0.2.1]",
     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3\r\nTo: <sip:user@[2001:db8::192.0.2.1]>\r\n", "",
     "400"},
};

std::string message_of(const Row& row) {
  std::string out(row.method);
  out.append(" ").append(row.request_uri).append(" SIP/2.0\r\n").append(row.headers);
  out +=
      "From: <sip:user@example.com>;tag=81x2\r\nCall-ID: SSG9559905523997077@hlau_4100\r\nMax-Forwards: "
      "70\r\n";
  out.append("CSeq: 98176 ").append(row.method).append("\r\nContent-Length: ");
  return out.append(std::to_string(row.body.size())).append("\r\n\r\n").append(row.body);
}

struct NoUsers : Credentials {
  std::optional<std::string> ha1(std::string_view, std::string_view, DigestAlgorithm) override {
    return std::nullopt;
  }
};

TEST(Rfc5118Test, EveryCaseHasTheOutcomeThatTheRfcWants) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.about);
    test::Network network(1);
    NoUsers users;
    Registrar registrar(users, network.random, "example.com");
    test::Peer peer(network, "2001:db8::10", nullptr, &registrar);
    peer.agent.receive(Flow{.peer = *parse_ip("2001:db8::9:1", 5060)}, base::as_bytes(message_of(row)));
    std::string outcome = "silence";
    if (!network.sent.empty()) outcome = network.sent.front().substr(8, 3);
    if (!peer.log.empty()) outcome = peer.log.front().substr(0, 6);
    EXPECT_EQ(outcome, row.outcome);
  }
}

TEST(Rfc5118Test, WhatIsWrittenInBracketsIsAnAddressAndWhatFollowsThemAPort) {
  const auto within = parse_uri("sip:[2001:db8::10:5070]");
  ASSERT_TRUE(within);
  EXPECT_EQ(within->host, "[2001:db8::10:5070]");
  EXPECT_EQ(within->port, 0);
  const auto behind = parse_uri("sip:[2001:db8::10]:5070");
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->host, "[2001:db8::10]");
  EXPECT_EQ(behind->port, 5070);
}

}  // namespace
}  // namespace sotto::sip
