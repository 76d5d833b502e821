#include <gtest/gtest.h>

#include "audio/level.h"
#include "media/media_world.h"
#include "rtp/telephone_event.h"

// A plain pair of one codec: packets go on as they come, and nobody hears where that begins and ends.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

struct Forwarding : testing::Test {
  MediaWorld world;
  LegId a = world.add_phone();
  LegId b = world.add_phone();

  Forwarding() {
    for (const LegId leg : {a, b}) {
      LegSettings settings{.event_payload_type = 101};
      settings.remote = world.address(leg == a ? 0 : 1);
      EXPECT_TRUE(world.controller.configure_leg(leg, settings));
    }
  }
  bool forwards() const { return world.counters().rooms_forwarding == 1; }
  void talk() {
    world.apply();
    world.run(600ms);
    ASSERT_TRUE(forwards());
  }
  // The share of the newest `length` in which the listener hears the source, in steps of 20 ms.
  double continuity(LegId listener, LegId source, std::chrono::milliseconds length) const {
    const auto heard = world.phones.at(listener).newest(static_cast<size_t>(length.count()) * 8);
    int windows = 0;
    int good = 0;
    for (size_t at = 0; at + 320 <= heard.size(); at += 160, ++windows) {
      good += audio::has_tone(heard.subspan(at, 320), 8000, world.phones.at(source).hz(), -35.0F);
    }
    return static_cast<double>(good) / windows;
  }
  size_t breaks = 0;
  void TearDown() override { EXPECT_EQ(world.breaks(), breaks); }
};

TEST_F(Forwarding, BeginsOnceAPairIsPlainAndIsNotHeard) {
  world.apply();
  world.run(1000ms);
  EXPECT_TRUE(forwards());
  EXPECT_GT(world.counters().packets_forwarded, 50U);
  EXPECT_EQ(world.heard(), "A<B B<A");
  EXPECT_GE(continuity(a, b, 900ms), 0.99);
  EXPECT_GE(continuity(b, a, 900ms), 0.99);
}

TEST_F(Forwarding, EndsForAPromptAndComesBack) {
  talk();
  world.play({.clips = {ToneClip{audio::sine_tone(2500, -20), 300ms}}}, b);
  world.apply();
  world.run(200ms);
  EXPECT_FALSE(forwards());
  EXPECT_TRUE(world.phones.at(b).hears(2500));
  EXPECT_FALSE(world.phones.at(a).hears(2500));
  EXPECT_GE(continuity(a, b, 300ms), 0.95);
  world.facts.prompts.clear();
  world.run(200ms);
  talk();
  EXPECT_GE(continuity(a, b, 1000ms), 0.95);
}

TEST_F(Forwarding, EndsForATap) {
  talk();
  const TapId tap = TapId::make(world.random);
  auto reader = world.controller.open_tap(tap, world.facts.room, 1);
  world.facts.taps.push_back({.id = tap, .channels = {hearing::OpenRoom{}}});
  world.apply();
  world.run(300ms);
  EXPECT_FALSE(forwards());
  EXPECT_GE(continuity(a, b, 400ms), 0.95);
  EXPECT_FALSE(reader->front().samples.empty());
}

TEST_F(Forwarding, EndsForAMuteAtOnce) {
  talk();
  world.member(a).muted = true;
  world.apply();
  world.run(200ms);
  EXPECT_FALSE(forwards());
  EXPECT_EQ(world.heard(), "A<B B<");
}

TEST_F(Forwarding, EndsForAThirdLegWhoIsHeard) {
  talk();
  const LegId c = world.add_phone();
  world.apply();
  world.run(300ms);
  EXPECT_FALSE(forwards());
  EXPECT_EQ(world.heard(), "A<BC B<AC C<AB");
  world.controller.close_leg(c);
  world.phones.erase(c);
  world.facts.members.pop_back();
  talk();
  EXPECT_TRUE(world.hears(a, b) && world.hears(b, a));
}

TEST_F(Forwarding, EndsWhereALegLeaves) {
  talk();
  world.controller.close_leg(a);
  world.facts.members.erase(world.facts.members.begin());
  world.apply();
  world.run(300ms);
  EXPECT_FALSE(forwards());
  EXPECT_FALSE(world.phones.at(b).hears(world.phones.at(a).hz()));
}

TEST_F(Forwarding, GivesWayToDigitsThatWeSend) {
  talk();
  EXPECT_TRUE(world.controller.send_digits(a, "5"));
  world.run(120ms);
  EXPECT_GE(world.phones.at(a).event_packets(), 5U);
  breaks = 1;  // the packets of one event all bear the time when it began
  world.run(800ms);
  EXPECT_TRUE(forwards());
}

TEST_F(Forwarding, DigitsComeAsEventsAndDoNotGoOn) {
  talk();
  for (uint16_t i = 1; i <= 5; ++i) {
    std::array<std::byte, 16> packet;
    rtp::write_header({.payload_type = 101,
                       .sequence_number = static_cast<uint16_t>(20'000 + i),
                       .timestamp = 4000,
                       .ssrc = 7},
                      packet);
    rtp::write_event({.event = 5, .end = i > 3, .duration = static_cast<uint16_t>(i * 160)},
                     std::span(packet).subspan<12, 4>());
    world.receive(a, packet);
    world.run(20ms);
  }
  EXPECT_FALSE(forwards());
  EXPECT_EQ(world.all<DigitHeard>().size(), 1U);
  EXPECT_EQ(world.phones.at(b).event_packets(), 0U);
  world.run(1500ms);
  EXPECT_TRUE(forwards());
}

// Two legs without phones: what comes is written by hand, and what goes is looked at to the byte.
struct ForwardedPackets : testing::Test {
  MediaWorld world;
  LegId a = world.add_leg({.event_payload_type = 101});
  LegId b = world.add_leg({.event_payload_type = 101});
  rtp::Header said{.sequence_number = 65'530, .timestamp = 4'294'967'000U, .ssrc = 9};
  uint8_t count = 0;
  std::vector<rtp::Header> headers;  // that b was sent
  std::vector<std::byte> firsts;     // bytes of its payloads
  bool speaking = true;

  ForwardedPackets() {
    world.on_packet = [this](LegId leg, std::span<const std::byte> datagram) {
      const auto packet = rtp::parse_packet(datagram);
      if (leg != b || !packet) return;
      headers.push_back(packet->header);
      firsts.push_back(packet->payload.front());
    };
    world.on_say = [this] {
      if (speaking) say();
      world.receive(b,
                    frame({.sequence_number = said.sequence_number, .timestamp = said.timestamp, .ssrc = 8}));
    };
    world.apply();
    world.run(600ms);
  }
  std::array<std::byte, 172> frame(const rtp::Header& header) const {
    std::array<std::byte, 172> packet;
    packet.fill(std::byte{count});
    rtp::write_header(header, packet);
    return packet;
  }
  void say() {
    ++count;
    world.receive(a, frame(said));
    ++said.sequence_number;
    said.timestamp += 160;
  }
  bool forwards() const { return world.counters().rooms_forwarding == 1; }
};

TEST_F(ForwardedPackets, AreUntouchedOnArrival) {
  ASSERT_TRUE(forwards());
  headers.clear();
  firsts.clear();
  const uint8_t before = count;
  world.run(200ms);
  ASSERT_EQ(firsts.size(), 10U);
  for (size_t i = 0; i < firsts.size(); ++i) EXPECT_EQ(firsts[i], std::byte(before + 1 + i));
}

TEST_F(ForwardedPackets, KeepTheGapsOfALossyNetwork) {
  ASSERT_TRUE(forwards());
  headers.clear();
  for (int i = 0; i < 10; ++i) {
    if (i == 4) ++said.sequence_number, said.timestamp += 160;
    world.run(20ms);
  }
  ASSERT_EQ(headers.size(), 10U);
  for (size_t i = 1; i < headers.size(); ++i) {
    const unsigned step = i == 4 ? 2 : 1;
    EXPECT_EQ(static_cast<uint16_t>(headers[i].sequence_number - headers[i - 1].sequence_number), step) << i;
    EXPECT_EQ(headers[i].timestamp - headers[i - 1].timestamp, step * 160) << i;
  }
}

TEST_F(ForwardedPackets, APauseOfTheSpeakerIsSilenceOnTheSameTimeline) {
  ASSERT_TRUE(forwards());
  const rtp::Header last = headers.back();
  headers.clear();
  speaking = false;
  world.run(1000ms);
  EXPECT_FALSE(forwards());
  EXPECT_NEAR(static_cast<double>(headers.size()), 46, 4);
  EXPECT_NEAR((headers.back().timestamp - last.timestamp) / 160.0, 50, 1);
  for (size_t i = 1; i < headers.size(); ++i) {
    EXPECT_EQ(static_cast<uint16_t>(headers[i].sequence_number - headers[i - 1].sequence_number), 1U) << i;
    EXPECT_EQ(headers[i].timestamp - headers[i - 1].timestamp, 160U) << i;
  }
}

TEST_F(ForwardedPackets, ANewSourceIsMixedFirst) {
  ASSERT_TRUE(forwards());
  headers.clear();
  said.ssrc = 77;
  said.sequence_number = 100;
  said.timestamp = 5;
  world.run(1000ms);
  EXPECT_TRUE(forwards());
  for (size_t i = 1; i < headers.size(); ++i) {
    EXPECT_EQ(static_cast<uint16_t>(headers[i].sequence_number - headers[i - 1].sequence_number), 1U) << i;
    EXPECT_EQ(headers[i].timestamp - headers[i - 1].timestamp, 160U) << i;
  }
}

}  // namespace
}  // namespace sotto::media
