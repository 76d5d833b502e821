#include "sdp/session.h"

#include <string>

#include <gtest/gtest.h>

namespace sotto::sdp {
namespace {

// RFC 8866 §5, shortened.
constexpr std::string_view kExample =
    "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\ni=SDP Offer #1\r\n"
    "c=IN IP4 198.51.100.1\r\nb=AS:128\r\nt=0 0\r\na=sendrecv\r\nm=audio 49170 RTP/AVP 0 8 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\nm=video 0 RTP/AVP 99\r\nc=IN IP6 2001:db8::2\r\na=rtpmap:99 "
    "h263-1998/90000\r\n";

TEST(Session, TheRfcsExampleIsRead) {
  const auto session = parse(kExample);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user, "jdoe");
  EXPECT_EQ(session->id, 3724394400U);
  EXPECT_EQ(session->version, 3724394405U);
  EXPECT_EQ(session->name, "Call to John Smith");
  EXPECT_EQ(session->connection->address, "198.51.100.1");
  ASSERT_EQ(session->media.size(), 2U);
  EXPECT_EQ(session->media[0].port, 49170);
  EXPECT_EQ(session->media[0].formats, (std::vector<std::string>{"0", "8", "101"}));
  EXPECT_EQ(find(session->media[0].attributes, "rtpmap")->value, "101 telephone-event/8000");
  EXPECT_TRUE(session->media[1].connection->ipv6);
  EXPECT_EQ(session->media[1].port, 0);
}

TEST(Session, ARoundTripKeepsAllThatIsRead) {
  const auto session = parse(kExample);
  ASSERT_TRUE(session);
  const auto again = parse(serialize(*session));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *session);
}

TEST(Session, BareLineFeedsAndAMissingLastOneAreTaken) {
  EXPECT_TRUE(parse("v=0\no=- 1 1 IN IP4 1.2.3.4\ns=-\nt=0 0\nm=audio 4000 RTP/AVP 0"));
}

TEST(Session, BrokenOnesAreRefused) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\n";
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("v=1\r\no=- 1 1 IN IP4 1.2.3.4\r\n"));
  EXPECT_FALSE(parse("v=0\r\ns=-\r\n"));
  EXPECT_FALSE(parse("v=0\r\no=- x 1 IN IP4 1.2.3.4\r\n"));
  EXPECT_FALSE(parse(head + "m=audio 70000 RTP/AVP 0\r\n"));
  EXPECT_FALSE(parse(head + "m=audio 4000 RTP/AVP\r\n"));
  EXPECT_FALSE(parse(head + "m=audio 4000/x RTP/AVP 0\r\n"));
  EXPECT_FALSE(parse(head + "c=IN IP5 1.2.3.4\r\n"));
  EXPECT_FALSE(parse(head + "garbage\r\n"));
  EXPECT_FALSE(parse(head + std::string("a=x\0y\r\n", 7)));
}

TEST(Session, TooMuchOfItIsRefused) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\n";
  std::string media = head;
  for (int i = 0; i < 33; ++i) media += "m=audio 4000 RTP/AVP 0\r\n";
  EXPECT_EQ(parse(media).error().code, ErrorCode::TooLarge);
  EXPECT_EQ(parse(head + std::string(70'000, 'a')).error().code, ErrorCode::TooLarge);
  std::string formats = head + "m=audio 4000 RTP/AVP";
  for (int i = 0; i < 200; ++i) formats += " 0";
  EXPECT_EQ(parse(formats).error().code, ErrorCode::TooLarge);
}

}  // namespace
}  // namespace sotto::sdp
