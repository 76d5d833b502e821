#include <gtest/gtest.h>

#include "media/media_world.h"

// A leg with keys, in virtual time: what its phone says and hears is encrypted on the way.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

rtp::SrtpKey key_of(uint8_t seed, rtp::SrtpSuite suite) {
  rtp::SrtpKey key{.suite = suite};
  for (size_t i = 0; i < rtp::srtp_key_bytes(suite); ++i) key.bytes[i] = static_cast<std::byte>(i * 7 + seed);
  return key;
}

struct SecureLeg : testing::TestWithParam<rtp::SrtpSuite> {
  MediaWorld world;
  SdesKeys keys{key_of(1, GetParam()), key_of(2, GetParam())};
  LegId plain = world.add_phone();
  LegId secure = world.add_leg({.protection = keys});
  RtpPhone phone{1900};
  rtp::SrtpStream sender = *rtp::SrtpStream::create(keys.theirs, 7);  // RtpPhone's SSRC
  std::optional<rtp::SrtpStream> receiver;
  size_t forged = 0;
  bool speaks_plainly = false;

  SecureLeg() {
    world.on_say = [this] { say(); };
    world.on_packet = [this](LegId, std::span<const std::byte> datagram) { hear(datagram); };
    world.apply();
  }
  std::vector<std::byte> encrypted() {
    const auto said = phone.say();
    std::vector<std::byte> packet(said.begin(), said.end());
    size_t bytes = packet.size();
    if (speaks_plainly) return packet;
    packet.resize(bytes + rtp::SrtpStream::kTrailerBytesMax);
    EXPECT_EQ(sender.protect_rtp(packet, bytes), rtp::SrtpStream::Outcome::Done);
    packet.resize(bytes);
    return packet;
  }
  void say() { world.receive(secure, encrypted()); }
  void hear(std::span<const std::byte> datagram) {
    if (!receiver) {
      const uint32_t ssrc = base::ByteReader(datagram.subspan(8, 4)).u32();
      receiver.emplace(*rtp::SrtpStream::create(keys.ours, ssrc));
    }
    std::vector<std::byte> packet(datagram.begin(), datagram.end());
    size_t bytes = packet.size();
    if (receiver->unprotect_rtp(packet, bytes) == rtp::SrtpStream::Outcome::Done) {
      phone.hear(std::span(packet).first(bytes));
    } else {
      ++forged;
    }
  }
  bool both_hear() const { return world.phones.at(plain).hears(phone.hz()) && phone.hears(400); }
};

TEST_P(SecureLeg, HearsAndIsHeard) {
  world.run(500ms);
  EXPECT_TRUE(both_hear());
  EXPECT_EQ(forged, 0U);
  EXPECT_EQ(phone.breaks() + world.breaks(), 0U);
}

TEST_P(SecureLeg, KeepsItsKeysOverAReInvite) {
  world.run(500ms);
  for (int i = 0; i < 5; ++i) {
    LegSettings settings{.protection = keys};
    settings.remote = world.address(1);
    EXPECT_TRUE(world.controller.configure_leg(secure, settings));
    world.run(200ms);
  }
  EXPECT_TRUE(both_hear());
  EXPECT_EQ(forged, 0U);
  EXPECT_EQ(phone.breaks(), 0U);
}

TEST_P(SecureLeg, TakesNewKeys) {
  world.run(500ms);
  keys = {key_of(77, GetParam()), key_of(78, GetParam())};
  LegSettings settings{.protection = keys};
  settings.remote = world.address(1);
  EXPECT_TRUE(world.controller.configure_leg(secure, settings));
  sender = *rtp::SrtpStream::create(keys.theirs, 7);
  receiver.reset();
  world.run(500ms);
  EXPECT_TRUE(both_hear());
}

TEST_P(SecureLeg, GoesOnOverARollOver) {
  world.run(5s);  // RtpPhone's numbers begin just below the turn
  EXPECT_TRUE(both_hear());
  EXPECT_EQ(forged, 0U);
}

TEST_P(SecureLeg, IsDeafToWhatIsNotEncrypted) {
  speaks_plainly = true;
  world.run(500ms);
  EXPECT_FALSE(world.phones.at(plain).hears(phone.hz()));
  EXPECT_EQ(world.all<FirstMedia>().size(), 1U);
}

TEST_P(SecureLeg, FollowsWhatIsAuthenticToANewAddress) {
  world.run(500ms);
  world.on_say = [this] { world.receive_from(secure, encrypted(), world.address(9)); };
  world.run(500ms);
  EXPECT_TRUE(both_hear());
}

TEST_P(SecureLeg, SendsNothingBeforeThereAreKeys) {
  const LegId later = world.add_leg({.protection = DtlsSettings{.fingerprint = "sha-256 00"}});
  size_t sent = 0;
  world.on_packet = [&](LegId leg, std::span<const std::byte>) { sent += leg == later; };
  world.run(300ms);
  EXPECT_EQ(sent, 0U);
  EXPECT_TRUE(world.controller.secure_leg(later, keys.ours, keys.theirs));
  world.run(300ms);
  EXPECT_NEAR(static_cast<double>(sent), 15, 1);
}

INSTANTIATE_TEST_SUITE_P(Suites, SecureLeg,
                         testing::Values(rtp::SrtpSuite::Aead128Gcm, rtp::SrtpSuite::Aes128CmSha1_80));

}  // namespace
}  // namespace sotto::media
