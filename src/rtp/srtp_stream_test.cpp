#include "rtp/srtp_stream.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/digest.h"
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

TEST(SrtpStream, EverySuiteProtectsAndUnprotectsOverARollOver) {
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

TEST(SrtpStream, RtcpIsProtectedToo) {
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

TEST(SrtpStream, RepeatedForgedAndForeignPacketsAreToldApart) {
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

std::vector<std::byte> bytes_of(std::string_view hex) {
  const std::string raw = crypto::from_hex(hex).value();
  const base::ByteView view = base::as_bytes(raw);
  return {view.begin(), view.end()};
}

std::string hex_of(base::ByteView bytes) {
  return crypto::to_hex(base::as_text(bytes));
}

// Session keys of RFC 3711 B.3 and of other suites, as another implementation (libsrtp 2.5) uses them: the
// last number before a roll-over, the first behind it with contributing source and extension, and a second
// RTCP packet.
struct Known {
  SrtpSuite suite;
  std::string_view before;
  std::string_view behind;
  std::string_view rtcp;
};
constexpr std::string_view kMaster =
    "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6c173c317f2dabe357793b6960b3aabe6";
constexpr Known kKnown[] = {
    {SrtpSuite::Aes128CmSha1_80,
     "800fffffdecafbadcafebabef36e96fc87ac01758cea5f94ba171db81149c9c49efa93c1b483",
     "910f0000decafbadcafebabe01020304bede00010908070624ecf92d9c97bf2ac679b796fdfd365af6e1302f04f598fc3491",
     "81c8000bcafebabe621934ea9f788cdad295b3a512d8bc5f80000002c8dc9c552c823658cdac"},
    {SrtpSuite::Aes128CmSha1_32, "800fffffdecafbadcafebabef36e96fc87ac01758cea5f94ba171db81149c9c4",
     "910f0000decafbadcafebabe01020304bede00010908070624ecf92d9c97bf2ac679b796fdfd365af6e1302f",
     "81c8000bcafebabe621934ea9f788cdad295b3a512d8bc5f80000002c8dc9c552c823658cdac"},
    {SrtpSuite::Aead128Gcm,
     "800fffffdecafbadcafebabe9ac1ef8077b83986c919388f6aa60fe4ee08ed46048c936e7d0b2accb2213758",
     "910f0000decafbadcafebabe01020304bede00010908070684438743da5ca97253c8ea9c900c654a943ab291f6f91f5fb9a6c35"
     "4f84"
     "484eb",
     "81c8000bcafebabe4e511ac6ea84fa7b7d9af225de3ec91b15eb4fbb669da4672086f92b9c20f15780000002"},
    {SrtpSuite::Aead256Gcm,
     "800fffffdecafbadcafebabefba71a38394fafea5df7ed94006adb24601c25c2a7b8d8f25c120e419ee8420d",
     "910f0000decafbadcafebabe01020304bede000109080706b2b1d473e5afd3510864e6003942c85443d1be4b16d395121f50bdc"
     "9779"
     "e508a",
     "81c8000bcafebabe47f8845894be2c174c2a7137e1b4a29cb4ebe59c41762371d8555b1eb536bc9c80000002"},
};

TEST(SrtpStream, ProtectsToTheByteAsAnotherImplementationDoes) {
  for (const Known& known : kKnown) {
    SrtpKey key{.suite = known.suite};
    std::copy_n(bytes_of(kMaster).begin(), SrtpKey::kBytesMax, key.bytes.begin());
    auto stream = SrtpStream::create(key, 0xCAFEBABE);
    ASSERT_TRUE(stream);
    const std::string said = "abababababababababababababababab";
    const auto protect = [&](const std::string& plain, auto transform) {
      std::vector<std::byte> packet = bytes_of(plain);
      size_t bytes = packet.size();
      packet.resize(bytes + SrtpStream::kTrailerBytesMax);
      EXPECT_EQ((*stream.*transform)(packet, bytes), Outcome::Done);
      return hex_of(std::span(packet).first(bytes));
    };
    EXPECT_EQ(protect("800fffffdecafbadcafebabe" + said, &SrtpStream::protect_rtp), known.before);
    EXPECT_EQ(protect("910f0000decafbadcafebabe01020304bede000109080706" + said, &SrtpStream::protect_rtp),
              known.behind);
    protect("81c8000bcafebabe" + said, &SrtpStream::protect_rtcp);
    EXPECT_EQ(protect("81c8000bcafebabe" + said, &SrtpStream::protect_rtcp), known.rtcp);
  }
}

// RFC 7714 §17.1, by session keys.
TEST(SrtpTransform, SealsTheRfcsReport) {
  auto transform = SrtpTransform::of_session_keys(bytes_of("000102030405060708090a0b0c0d0e0f"),
                                                  bytes_of("517569642070726f2071756f"));
  ASSERT_TRUE(transform);
  auto packet = bytes_of(
      "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
      "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
  std::array<std::byte, 16> tag{};
  transform->protect(
      {.bytes = packet, .readable = 8, .appendix = bytes_of("800005d4"), .ssrc = 0x4D617273, .index = 0x5D4},
      tag);
  EXPECT_EQ(hex_of(packet) + hex_of(tag),
            "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded"
            "0bb9275bc8"
            "4aa45896cf4d2fc5abf87245d9eade");
}

TEST(SrtpStream, EveryPacketPassesOnceThroughLossAndReorderAndRollOvers) {
  auto sender = SrtpStream::create(key_of(SrtpSuite::Aes128CmSha1_80), 7);
  auto receiver = SrtpStream::create(key_of(SrtpSuite::Aes128CmSha1_80), 7);
  std::mt19937 random(20);
  std::vector<std::vector<std::byte>> waiting;
  for (uint32_t i = 0; i < 140'000; i += 7) {  // in long steps: two roll-overs in little time
    auto packet = packet_of(static_cast<uint16_t>(30'000 + i), 7);
    size_t bytes = kHeaderBytes + 160;
    ASSERT_EQ(sender->protect_rtp(packet, bytes), Outcome::Done);
    packet.resize(bytes);
    if (random() % 10 == 0 && i > 0) continue;
    waiting.push_back(std::move(packet));
    if (waiting.size() < 20) continue;
    std::ranges::shuffle(waiting.begin() + 1, waiting.end(), random);
    for (const auto& sent : waiting) {
      for (const Outcome expected : {Outcome::Done, Outcome::Replayed}) {
        std::vector<std::byte> copy = sent;
        size_t length = copy.size();
        EXPECT_EQ(receiver->unprotect_rtp(copy, length), expected);
      }
    }
    waiting.clear();
  }
}

TEST(SrtpStream, ReportsThatRepeatOrAreNotEncipheredAreRefused) {
  for (const SrtpSuite suite : kAll) {
    auto sender = SrtpStream::create(key_of(suite), 7);
    auto receiver = SrtpStream::create(key_of(suite), 7);
    std::vector<std::byte> packet(kRtcpBytesMax);
    size_t bytes = write_rtcp({.ssrc = 7, .cname = "name"}, packet);
    ASSERT_EQ(sender->protect_rtcp(packet, bytes), Outcome::Done);
    auto copy = packet;
    size_t length = bytes;
    ASSERT_EQ(receiver->unprotect_rtcp(packet, length), Outcome::Done);
    packet = copy;
    length = bytes;
    EXPECT_EQ(receiver->unprotect_rtcp(packet, length), Outcome::Replayed);
    packet = copy;
    const size_t word_at =
        bytes - 4 - (suite == SrtpSuite::Aead128Gcm || suite == SrtpSuite::Aead256Gcm ? 0 : 10);
    packet[word_at] &= std::byte{0x7F};
    EXPECT_EQ(receiver->unprotect_rtcp(packet, length), Outcome::Forged);
    length = 11;
    EXPECT_EQ(receiver->unprotect_rtcp(packet, length), Outcome::Forged);
  }
}

}  // namespace
}  // namespace sotto::rtp
