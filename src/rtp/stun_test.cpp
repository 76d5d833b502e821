#include "rtp/stun.h"

#include <string>

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

// RFC 5769 §2.1 and §2.2: the password is "VOkJxbRl1RmTxUk/WvJxBt".
constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view kRequest(
    "\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x10STUN test client"
    "\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
    "\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20"
    "\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2"
    "\x80\x28\x00\x04\xe5\x7a\x3b\xcf",
    108);
constexpr std::string_view kResponse(
    "\x01\x01\x00\x3c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20"
    "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
    "\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7"
    "\x80\x28\x00\x04\xc0\x7d\x4c\x96",
    80);

StunAddress address_of(uint8_t last, uint16_t port) {
  StunAddress address{.port = port};
  address.ip = {std::byte{192}, std::byte{0}, std::byte{2}, std::byte{last}};
  return address;
}

TEST(Stun, TheRfcsRequestIsRead) {
  const auto message = parse_stun(base::as_bytes(kRequest));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, StunMessage::kBindingRequest);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_FALSE(message->unknown_required);
  EXPECT_TRUE(has_valid_integrity(base::as_bytes(kRequest), kPassword));
  EXPECT_FALSE(has_valid_integrity(base::as_bytes(kRequest), "another"));
}

TEST(Stun, TheRfcsResponseIsRead) {
  const auto message = parse_stun(base::as_bytes(kResponse));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->mapped_address, address_of(1, 32'853));
  EXPECT_TRUE(has_valid_integrity(base::as_bytes(kResponse), kPassword));
}

TEST(Stun, ACheckWithOurCredentialsIsAnswered) {
  const auto answer = answer_check(base::as_bytes(kRequest), address_of(9, 4'000), {"evtj", kPassword});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->valid);
  EXPECT_FALSE(answer->nominated);
  const auto reply = parse_stun(answer->datagram);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type, StunMessage::kBindingSuccess);
  EXPECT_EQ(reply->mapped_address, address_of(9, 4'000));
  EXPECT_TRUE(has_valid_integrity(answer->datagram, kPassword));
}

TEST(Stun, OtherChecksGetTheRfcsErrors) {
  const auto code = [](base::ByteView request, const IceCredentials& ours) {
    const auto answer = answer_check(request, address_of(9, 4'000), ours);
    EXPECT_FALSE(answer->valid);
    return *parse_stun(answer->datagram)->error_code;
  };
  EXPECT_EQ(code(base::as_bytes(kRequest), {"evtj", "wrong"}), 401);
  EXPECT_EQ(code(base::as_bytes(kRequest), {"other", kPassword}), 401);
  EXPECT_EQ(code(write_stun({.type = StunMessage::kBindingRequest}), {"evtj", kPassword}), 400);
  EXPECT_FALSE(answer_check(base::as_bytes(kResponse), {}, {"evtj", kPassword}));
}

TEST(Stun, EveryCutOrChangedMessageIsRefused) {
  for (size_t length = 0; length < kRequest.size(); ++length) {
    EXPECT_FALSE(parse_stun(base::as_bytes(kRequest.substr(0, length))));
  }
  for (size_t at = 0; at < kRequest.size(); ++at) {
    std::string changed(kRequest);
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    const auto bytes = base::as_bytes(changed);
    EXPECT_FALSE(parse_stun(bytes) && has_valid_integrity(bytes, kPassword) && at < 84) << at;
  }
}

TEST(Stun, IPv6AddressesSurviveARoundTrip) {
  StunAddress address{.ipv6 = true, .port = 5'004};
  for (size_t i = 0; i < 16; ++i) address.ip[i] = static_cast<std::byte>(i * 11);
  const auto message = parse_stun(write_stun({.mapped_address = address, .password = "p"}));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->mapped_address, address);
}

}  // namespace
}  // namespace sotto::rtp
