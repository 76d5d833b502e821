#include "sip/message.h"

#include <gtest/gtest.h>

#include "sip/message_writer.h"

namespace sotto::sip {
namespace {

constexpr std::string_view kHead =
    "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport, SIP/2.0/TCP proxy.example.com;branch=z9hG4bK0\r\n"
    "f: \"Alice \\\"A\\\"\" <sip:alice@example.com>;tag=9\r\n"
    "t: <sip:bob@biloxi.example.com>\r\n"
    "i: 1@192.0.2.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Max-Forwards: 70\r\n";

Message parse(std::string_view text) {
  auto message = parse_message(base::as_bytes(text));
  EXPECT_TRUE(message) << message.error().detail;
  return std::move(*message);
}

TEST(MessageTest, CompactFormsListsAndQuotingAreRead) {
  const Message message = parse(std::string(kHead) + "l: 4\r\nc: text/plain\r\n\r\nbodytoo much");
  EXPECT_FALSE(message.defect);
  EXPECT_EQ(message.method, Method::Invite);
  EXPECT_EQ(message.uri.user, "bob");
  EXPECT_EQ(message.via.host, "192.0.2.1");
  EXPECT_TRUE(message.via.rport);
  EXPECT_EQ(message.via.branch, "z9hG4bK1");
  EXPECT_EQ(unquote(message.from.display), "Alice \"A\"");
  EXPECT_EQ(message.from.tag(), "9");
  EXPECT_EQ(message.call_id, "1@192.0.2.1");
  EXPECT_EQ(message.body, "body");
}

TEST(MessageTest, FoldedLinesAreOneValueAndUnknownHeadersStayInOrder) {
  const Message message =
      parse(std::string(kHead) + "X-One: a\r\n \tb\r\nX-Two: 2\r\nSupported: timer\r\n\t, 100rel\r\n\r\n");
  EXPECT_FALSE(message.defect);
  ASSERT_EQ(message.headers.size(), 9u);
  EXPECT_EQ(message.headers[6].text, "X-One");
  EXPECT_EQ(message.headers[7].value, "2");
  EXPECT_TRUE(message.lists(HeaderName::Supported, "100REL"));
  EXPECT_EQ(message.find("x-one")->value.front(), 'a');
  EXPECT_EQ(message.find("x-one")->value.back(), 'b');
}

TEST(MessageTest, WrittenAndReadAgainIsTheSame) {
  const Message first = parse(std::string(kHead) + "X-Odd: ;;,,\r\nl: 4\r\nc: text/plain\r\n\r\nbody");
  const std::string text = serialize(first);
  EXPECT_EQ(serialize(parse(text)), text);
}

TEST(MessageTest, ResponseCarriesViasWithReceivedAndRport) {
  const Message request = parse(std::string(kHead) + "Record-Route: <sip:p1;lr>\r\n\r\n");
  const Flow flow{.peer = *parse_ip("198.51.100.7", 1024)};
  const Message response = parse(begin_response(request, flow, 180, "", "mine").finish());
  EXPECT_FALSE(response.defect);
  EXPECT_EQ(response.status, 180);
  EXPECT_EQ(response.method, Method::Invite);
  EXPECT_EQ(response.to.tag(), "mine");
  EXPECT_EQ(response.value(HeaderName::RecordRoute), "<sip:p1;lr>");
  EXPECT_EQ(response.headers[0].value,
            "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;received=198.51.100.7;rport=1024, "
            "SIP/2.0/TCP proxy.example.com;branch=z9hG4bK0");
}

TEST(MessageTest, ABadTopmostViaIsReturnedAsItIsWhateverStandsBelow) {
  const std::string bytes =
      "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: "
      "<sip:a@b>;tag=1\r\n"
      "To: <sip:a@b>\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\n\r\n";
  const auto request = parse_message(base::as_bytes(bytes));
  ASSERT_TRUE(request && request->defect);
  EXPECT_TRUE(request->via.text.empty());
  const std::string response =
      begin_response(*request, Flow{.peer = *parse_ip("198.51.100.7", 1024)}, 400, "", "").finish();
  EXPECT_NE(response.find("\r\nVia: x\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"), std::string::npos);
}

TEST(MessageTest, LimitsAreErrorsNotCrashes) {
  std::string many(kHead);
  for (int i = 0; i < 300; ++i) many += "X: 1\r\n";
  EXPECT_EQ(parse_message(base::as_bytes(many + "\r\n")).error().code, ErrorCode::TooLarge);
  EXPECT_EQ(parse_message(base::as_bytes(std::string(70'000, 'a'))).error().code, ErrorCode::TooLarge);
  EXPECT_FALSE(parse_message(base::as_bytes("")));
  EXPECT_FALSE(parse_message(base::as_bytes("\r\n\r\n")));
}

TEST(MessageTest, ExtraHeadersCannotInjectOrOverride) {
  EXPECT_TRUE(is_allowed_extra("X-Campaign", "summer"));
  EXPECT_FALSE(is_allowed_extra("X-Campaign", "a\r\nVia: b"));
  EXPECT_FALSE(is_allowed_extra("v", "SIP/2.0/UDP x"));
  EXPECT_FALSE(is_allowed_extra("X Y", "1"));
}

// RFC 5118: IPv6 in every place where an address may stand.
TEST(MessageTest, Ipv6AddressesOfRfc5118) {
  const Message message = parse(
      "REGISTER sip:[2001:db8::10]:5070 SIP/2.0\r\n"
      "To: sip:user@example.com\r\n"
      "From: sip:user@example.com;tag=81x2\r\n"
      "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111\r\n"
      "Call-ID: SSG9559905523997077@hlau_4100\r\n"
      "Max-Forwards: 70\r\n"
      "Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n"
      "CSeq: 98176 REGISTER\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(message.defect);
  EXPECT_EQ(message.uri.host, "[2001:db8::10]");
  EXPECT_EQ(message.uri.port, 5070);
  EXPECT_EQ(message.via.host, "[2001:db8::9:1]");
  EXPECT_EQ(find_param(message.via.params, "received"), "[2001:db8::9:255]");
  EXPECT_TRUE(parse_uri("sip:user@[::ffff:192.0.2.2]"));
  // 4.2: without brackets the URI is not valid; 4.5: a port next to a colon too many is not either.
  EXPECT_FALSE(parse_uri("sip:2001:db8::10"));
  EXPECT_FALSE(parse_uri("sip:[2001:db8:::192.0.2.1]"));
  EXPECT_FALSE(parse_uri("sip:[2001:db8::10"));
  for (const auto* text : {"::", "::1", "2001:db8::9:1", "fe80::1:2:3:4", "1:2:3:4:5:6:7:8", "1::8"}) {
    ASSERT_TRUE(parse_ip(text)) << text;
    EXPECT_EQ(ip_text(*parse_ip(text)), text);
  }
  for (const auto* text : {":", "1:2", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::1:", "1.2.3",
                           "1.2.3.256", "1.2.3.4.5"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

}  // namespace
}  // namespace sotto::sip
