#include "rtp/srtp.h"

#include <vector>

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

constexpr SrtpSuite kAll[] = {SrtpSuite::Aead128Gcm, SrtpSuite::Aead256Gcm, SrtpSuite::Aes128CmSha1_80,
                              SrtpSuite::Aes128CmSha1_32};

SrtpKey key_of(SrtpSuite suite) {
  SrtpKey key{.suite = suite};
  for (size_t i = 0; i < srtp_key_bytes(suite); ++i) key.bytes[i] = static_cast<std::byte>(i * 5 + 1);
  return key;
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
