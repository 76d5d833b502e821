#include "media/dtls_association.h"

#include <gtest/gtest.h>

namespace sotto::media {
namespace {

using State = DtlsAssociation::State;

struct Handshake : testing::Test {
  std::unique_ptr<DtlsIdentity> ours = *DtlsIdentity::create();
  std::unique_ptr<DtlsIdentity> theirs = *DtlsIdentity::create();

  void shake(DtlsAssociation& client, DtlsAssociation& server) {
    auto to_server = client.start();
    for (int flight = 0; flight < 8 && !to_server.empty(); ++flight) {
      DtlsAssociation::Datagrams to_client;
      for (const base::Bytes& datagram : to_server) {
        EXPECT_LE(datagram.size(), 1200U);
        for (base::Bytes& answer : server.on_datagram(datagram)) to_client.push_back(std::move(answer));
      }
      to_server.clear();
      for (const base::Bytes& datagram : to_client) {
        EXPECT_LE(datagram.size(), 1200U);
        for (base::Bytes& answer : client.on_datagram(datagram)) to_server.push_back(std::move(answer));
      }
    }
  }
};

TEST_F(Handshake, GivesBothSidesTheSameKeys) {
  auto client = *DtlsAssociation::create(*ours, DtlsAssociation::Role::Client, theirs->fingerprint());
  auto server = *DtlsAssociation::create(*theirs, DtlsAssociation::Role::Server, ours->fingerprint());
  shake(*client, *server);
  ASSERT_EQ(client->state(), State::Done) << client->error();
  ASSERT_EQ(server->state(), State::Done) << server->error();
  EXPECT_EQ(client->keys().ours, server->keys().theirs);
  EXPECT_EQ(client->keys().theirs, server->keys().ours);
  EXPECT_FALSE(client->keys().ours == client->keys().theirs);
  EXPECT_EQ(client->keys().ours.suite, rtp::SrtpSuite::Aead128Gcm);
}

TEST_F(Handshake, FailsWhereTheCertificateIsNotTheOneDescribed) {
  auto client = *DtlsAssociation::create(*ours, DtlsAssociation::Role::Client, theirs->fingerprint());
  auto server = *DtlsAssociation::create(*theirs, DtlsAssociation::Role::Server, theirs->fingerprint());
  shake(*client, *server);
  EXPECT_EQ(client->state(), State::Done);
  EXPECT_EQ(server->state(), State::Failed);
  EXPECT_NE(server->error().find("certificate"), std::string::npos);
}

TEST_F(Handshake, ReadsFingerprintsInAnyCase) {
  std::string low = ours->fingerprint();
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  auto client = *DtlsAssociation::create(*ours, DtlsAssociation::Role::Client, theirs->fingerprint());
  auto server = *DtlsAssociation::create(*theirs, DtlsAssociation::Role::Server, low);
  shake(*client, *server);
  EXPECT_EQ(server->state(), State::Done);
}

TEST_F(Handshake, IsNotMovedByNoise) {
  auto client = *DtlsAssociation::create(*ours, DtlsAssociation::Role::Client, theirs->fingerprint());
  auto server = *DtlsAssociation::create(*theirs, DtlsAssociation::Role::Server, ours->fingerprint());
  const base::Bytes noise(300, std::byte{0x16});
  server->on_datagram(noise);
  server->on_datagram(base::Bytes(1, std::byte{22}));
  EXPECT_NE(server->state(), State::Done);
  shake(*client, *server);
  EXPECT_EQ(server->state(), State::Done) << server->error();
}

}  // namespace
}  // namespace sotto::media
