#include "rtp/srtp.h"

#include <algorithm>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace sotto::rtp {
namespace {

using Outcome = SrtpStream::Outcome;
constexpr SrtpSuite kAll[] = {SrtpSuite::Aead128Gcm, SrtpSuite::Aead256Gcm, SrtpSuite::Aes128CmSha1_80,
                              SrtpSuite::Aes128CmSha1_32};

SrtpKey key_of(SrtpSuite suite) {
  SrtpKey key{.suite = suite};
  for (size_t i = 0; i < srtp_key_bytes(suite); ++i) key.bytes[i] = static_cast<std::byte>(i * 5 + 1);
  return key;
}

std::vector<std::byte> packet_of(uint16_t sequence_number, uint32_t ssrc) {
  std::vector<std::byte> packet(kHeaderBytes + 160 + SrtpStream::kTrailerBytesMax, std::byte{0x55});
  write_header({.sequence_number = sequence_number, .ssrc = ssrc}, packet);
  return packet;
}

TEST(Srtp, EverySuiteProtectsAndUnprotectsOverARollOver) {
  for (const SrtpSuite suite : kAll) {
    auto sender = SrtpStream::create(key_of(suite), 7);
    auto receiver = SrtpStream::create(key_of(suite), 7);
    ASSERT_TRUE(sender && receiver) << to_string(suite);
    for (uint32_t i = 0; i < 400; ++i) {
      auto packet = packet_of(static_cast<uint16_t>(65'300 + i), 7);
      size_t bytes = kHeaderBytes + 160;
      ASSERT_EQ(sender->protect_rtp(packet, bytes), Outcome::Done);
      EXPECT_GT(bytes, kHeaderBytes + 160);
      EXPECT_TRUE(std::ranges::any_of(std::span(packet).subspan(kHeaderBytes, 160),
                                      [](std::byte b) { return b != std::byte{0x55}; }));
      ASSERT_EQ(receiver->unprotect_rtp(packet, bytes), Outcome::Done) << to_string(suite) << i;
      EXPECT_EQ(bytes, kHeaderBytes + 160);
      EXPECT_EQ(packet[kHeaderBytes + 159], std::byte{0x55});
    }
  }
}

TEST(Srtp, RtcpIsProtectedToo) {
  for (const SrtpSuite suite : kAll) {
    auto sender = SrtpStream::create(key_of(suite), 7);
    auto receiver = SrtpStream::create(key_of(suite), 7);
    std::vector<std::byte> packet(kRtcpBytesMax);
    size_t bytes = write_rtcp({.ssrc = 7, .cname = "name"}, packet);
    const size_t before = bytes;
    ASSERT_EQ(sender->protect_rtcp(packet, bytes), Outcome::Done);
    ASSERT_EQ(receiver->unprotect_rtcp(packet, bytes), Outcome::Done);
    EXPECT_EQ(bytes, before);
  }
}

TEST(Srtp, RepeatedForgedAndForeignPacketsAreToldApart) {
  auto sender = SrtpStream::create(key_of(SrtpSuite::Aead128Gcm), 7);
  auto receiver = SrtpStream::create(key_of(SrtpSuite::Aead128Gcm), 7);
  auto packet = packet_of(1, 7);
  size_t bytes = kHeaderBytes + 160;
  ASSERT_EQ(sender->protect_rtp(packet, bytes), Outcome::Done);
  auto forged = packet;
  forged[20] ^= std::byte{1};
  auto copy = packet;
  size_t length = bytes;
  EXPECT_EQ(receiver->unprotect_rtp(forged, length), Outcome::Forged);
  EXPECT_EQ(receiver->unprotect_rtp(packet, length), Outcome::Done);
  length = bytes;
  EXPECT_EQ(receiver->unprotect_rtp(copy, length), Outcome::Replayed);
  auto foreign = packet_of(2, 8);
  length = foreign.size();
  EXPECT_EQ(receiver->unprotect_rtp(foreign, length), Outcome::WrongSource);
  length = 5;
  EXPECT_EQ(receiver->unprotect_rtp(foreign, length), Outcome::Forged);
}

TEST(Srtp, InlineKeysSurviveARoundTrip) {
  for (const SrtpSuite suite : kAll) {
    EXPECT_EQ(parse_srtp_suite(to_string(suite)), suite);
    const auto key = parse_inline_key(suite, make_inline_key(key_of(suite)) + "|2^20");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->bytes, key_of(suite).bytes);
  }
  const std::string text = make_inline_key(key_of(SrtpSuite::Aes128CmSha1_80));
  EXPECT_EQ(parse_inline_key(SrtpSuite::Aes128CmSha1_80, text + "|2^20|1:4").error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(parse_inline_key(SrtpSuite::Aead128Gcm, text).error().code, ErrorCode::Invalid);
  EXPECT_FALSE(parse_inline_key(SrtpSuite::Aead128Gcm, "prompt:x"));
}

TEST(Srtp, DtlsMaterialIsSplitByRole) {
  std::vector<std::byte> material(60);
  for (size_t i = 0; i < material.size(); ++i) material[i] = static_cast<std::byte>(i);
  const auto keys = split_dtls_keys(SrtpSuite::Aes128CmSha1_80, material);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->client.bytes[0], std::byte{0});
  EXPECT_EQ(keys->client.bytes[16], std::byte{32});
  EXPECT_EQ(keys->server.bytes[0], std::byte{16});
  EXPECT_EQ(keys->server.bytes[16], std::byte{46});
  EXPECT_FALSE(split_dtls_keys(SrtpSuite::Aead128Gcm, material));
}

}  // namespace
}  // namespace sotto::rtp
