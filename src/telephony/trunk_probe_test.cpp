// Whether a trunk is there, in virtual time.
#include "telephony/trunk_probe.h"

#include <gtest/gtest.h>

#include "sip/test_network.h"

namespace sotto::telephony {
namespace {
using namespace std::chrono_literals;

// Hands the answers to the probe, as the gateway does.
struct Prober final : sip::test::Peer {
  using Peer::Peer;
  void on_response(uint64_t request, int status, const sip::Message* message) override {
    if (probe == nullptr) return;
    EXPECT_TRUE(probe->on_response(request, status, message));
  }
  std::unique_ptr<TrunkProbe> probe;
};

struct NoHosts final : HostLocator {
  void locate(const HostSpec&, Located) override { ADD_FAILURE() << "an address needs no locating"; }
};

struct TrunkProbeTest : testing::Test {
  TrunkProbeTest() {
    directory::Trunk trunk;
    trunk.name = "carrier";
    trunk.hosts = {"192.0.2.1", "192.0.2.2"};
    us.probe = std::make_unique<TrunkProbe>(
        TrunkPorts{network.timers, network.random, us.agent, us, hosts, "pbx.example.com"}, trunk);
  }
  ~TrunkProbeTest() override { us.probe.reset(); }
  void cut(const sip::test::Peer& peer) {
    network.attach(peer.address, [](const sip::Flow&, base::ByteView) {});
  }
  void mend(sip::test::Peer& peer) {
    network.attach(peer.address,
                   [&peer](const sip::Flow& flow, base::ByteView bytes) { peer.agent.receive(flow, bytes); });
  }

  sip::test::Network network{1};
  NoHosts hosts;
  Prober us{network, "192.0.2.9"};
  sip::test::Peer first{network, "192.0.2.1"}, second{network, "192.0.2.2"};
};

TEST_F(TrunkProbeTest, IsAliveWhileOneOfItsHostsAnswersAndDeadWhenNoneDoes) {
  network.run(60s);
  EXPECT_TRUE(us.probe->alive());
  cut(first);
  network.run(60s);
  EXPECT_TRUE(us.probe->alive());
  cut(second);
  network.run(60s);
  EXPECT_FALSE(us.probe->alive());
  mend(second);
  network.run(20s);
  EXPECT_TRUE(us.probe->alive());
}

TEST_F(TrunkProbeTest, WhoTakesNoCallsIsAsGoodAsGone) {
  first.load.backlog = second.load.backlog = 1.0;
  network.run(40s);
  EXPECT_FALSE(us.probe->alive());
  first.load.backlog = 0;
  network.run(20s);
  EXPECT_TRUE(us.probe->alive());
}

TEST_F(TrunkProbeTest, ThatIsToldWithinSomeSecondsOfTheStart) {
  cut(first);
  cut(second);
  network.run(5s);
  EXPECT_FALSE(us.probe->alive());
}

}  // namespace
}  // namespace sotto::telephony
