#include <gtest/gtest.h>

#include "media/media_world.h"
#include "rtp/rtcp.h"
#include "rtp/telephone_event.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

struct Leg : testing::Test {
  MediaWorld world;
  LegId a = world.add_phone();
  LegId b = world.add_phone();

  void configure(LegId leg, const std::function<void(LegSettings&)>& change) {
    LegSettings settings;
    settings.remote = world.address(leg == a ? 0 : 1);
    change(settings);
    EXPECT_TRUE(world.controller.configure_leg(leg, settings));
  }
  void bridge() {
    world.apply();
    world.run(300ms);
  }
  std::string digits() const {
    std::string text;
    for (const DigitHeard& one : world.all<DigitHeard>()) text += one.digit;
    return text;
  }
};

TEST_F(Leg, SendsDigitsAsEventsInPlaceOfSoundOnTheSameTimeline) {
  configure(a, [](LegSettings& settings) { settings.event_payload_type = 101; });
  bridge();
  EXPECT_TRUE(world.controller.send_digits(a, "1w#"));
  world.run(2000ms);
  EXPECT_EQ(world.all<DigitsSent>().size(), 1U);
  EXPECT_GE(world.phones.at(a).event_packets(), 12U);
  EXPECT_TRUE(world.hears(a, b));
  EXPECT_FALSE(world.controller.send_digits(a, "1x"));
}

TEST_F(Leg, SendsDigitsInBandWhereTheFarEndTakesNoEvents) {
  bridge();
  EXPECT_TRUE(world.controller.send_digits(a, "5"));
  world.run(120ms);
  EXPECT_TRUE(world.phones.at(a).hears(770));
  EXPECT_TRUE(world.phones.at(a).hears(1336));
  world.run(400ms);
  EXPECT_TRUE(world.hears(a, b));
  EXPECT_EQ(world.breaks(), 0U);
}

TEST_F(Leg, HearsEachEventDigitOnce) {
  configure(a, [](LegSettings& settings) { settings.event_payload_type = 101; });
  bridge();
  for (uint8_t event = 1; event <= 2; ++event) {
    for (uint16_t i = 1; i <= 5; ++i) {
      std::array<std::byte, 16> packet;
      const rtp::Header header{.payload_type = 101,
                               .sequence_number = static_cast<uint16_t>(event * 10 + i),
                               .timestamp = event * 4000U,
                               .ssrc = 7};
      rtp::write_header(header, packet);
      rtp::write_event({.event = event, .end = i > 2, .duration = static_cast<uint16_t>(i * 160)},
                       std::span(packet).subspan<12, 4>());
      world.receive(a, packet);
      world.run(20ms);
    }
  }
  EXPECT_EQ(digits(), "12");
}

TEST_F(Leg, FindsDigitsInTheSoundWhereEventsWereNotAgreedOn) {
  const LegId c = world.add_leg(LegSettings{});
  bridge();
  audio::ToneGenerator tone(audio::dtmf_tone('7', 100), 8000);
  rtp::Header header{.ssrc = 9};
  for (int i = 0; i < 12; ++i) {
    std::array<int16_t, 160> samples;
    tone.render(samples);
    std::array<std::byte, 172> packet;
    rtp::write_header(header, packet);
    audio::ulaw_encode(samples, std::span(packet).subspan(12));
    ++header.sequence_number;
    header.timestamp += 160;
    world.receive(c, packet);
    world.run(20ms);
  }
  EXPECT_EQ(digits(), "7");
}

TEST_F(Leg, LatchesToTheFirstSourceAndToNoOther) {
  bridge();
  RtpPhone intruder(3300);
  for (int i = 0; i < 15; ++i) {
    // From b's address, on a's port.
    const SocketAddress elsewhere = world.address(1);
    world.receive_from(a, intruder.say(), elsewhere);
    world.run(20ms);
  }
  EXPECT_TRUE(world.hears(b, a));
  EXPECT_FALSE(world.phones.at(b).hears(3300));
  world.controller.ask_statistics(a);
  world.run(20ms);
  ASSERT_EQ(world.all<StatisticsTaken>().size(), 1U);
  EXPECT_EQ(world.all<StatisticsTaken>()[0].statistics.packets_refused, 15U);
}

TEST(LegThatMoved, IsNotLatchedToByPacketsFromThePlaceThatWasLeft) {
  for (const bool was_heard : {true, false}) {
    SCOPED_TRACE(was_heard);
    MediaWorld world;
    const LegId a = world.add_phone();
    const LegId b = world.add_phone();
    world.apply();
    if (was_heard) world.run(300ms);
    LegSettings settings;
    settings.remote = world.address(7);
    EXPECT_TRUE(world.controller.configure_leg(a, settings));
    world.run(100ms);  // a's phone still speaks from where it was
    RtpPhone successor(3300);
    for (int i = 0; i < 15; ++i) {
      world.receive_from(a, successor.say(), world.address(7));
      world.run(20ms);
    }
    EXPECT_TRUE(world.phones.at(b).hears(3300));
    EXPECT_FALSE(world.hears(b, a));
  }
}

TEST_F(Leg, ASourceThatStaysWhereItWasIsHeardAgainAlthoughItNamesAnotherPlace) {
  bridge();
  configure(a, [&](LegSettings& settings) { settings.remote = world.address(7); });
  world.run(900ms);
  EXPECT_FALSE(world.hears(b, a));
  world.run(500ms);
  EXPECT_TRUE(world.hears(b, a));
}

TEST_F(Leg, AFarHoldStopsWhatWeSendAndTheWatchdog) {
  configure(a, [](LegSettings& settings) {
    settings.direction = Direction::Inactive;
    settings.silence_max = 100ms;
  });
  bridge();
  const size_t before = world.phones.at(a).packets();
  world.run(1000ms);
  EXPECT_EQ(world.phones.at(a).packets(), before);
  EXPECT_FALSE(world.hears(b, a));
  EXPECT_TRUE(world.all<MediaLost>().empty());
  configure(a, [](LegSettings& settings) { settings.silence_max = 100ms; });
  world.run(300ms);
  EXPECT_EQ(world.heard(), "A<B B<A");
}

TEST_F(Leg, TellsWhenTheFarEndFallsSilentAndComesBack) {
  const LegId c = world.add_leg({.silence_max = 200ms});
  bridge();
  ASSERT_EQ(world.all<MediaLost>().size(), 1U);
  EXPECT_EQ(world.all<MediaLost>()[0].leg, c);
  RtpPhone late(3300);
  world.receive(c, late.say());
  world.run(20ms);
  EXPECT_EQ(world.all<MediaResumed>().size(), 1U);
}

TEST_F(Leg, ReconfiguringIsNotHeard) {
  bridge();
  for (int i = 0; i < 10; ++i) {
    configure(a, [](LegSettings&) {});
    world.run(100ms);
    EXPECT_EQ(world.heard(), "A<B B<A") << i;
  }
  EXPECT_EQ(world.breaks(), 0U);
}

TEST_F(Leg, ReportsByRtcpAndMeasuresTheRoundTrip) {
  const LegId c = world.add_leg({.rtcp_mux = true, .cname = "sotto"});
  std::optional<rtp::Report> last;
  world.on_packet = [&](LegId, std::span<const std::byte> datagram) {
    if (rtp::classify(datagram) != rtp::PacketKind::Rtcp) return;
    if (const auto packet = rtp::RtcpReader(datagram).next()) last = std::get<rtp::Report>(*packet);
  };
  bridge();
  world.run(3000ms);
  ASSERT_TRUE(last && last->sender);
  EXPECT_NEAR(last->sender->packets, 150, 140);
  std::array<std::byte, rtp::kRtcpBytesMax> out;
  const rtp::ReportBlock block{
      .ssrc = last->ssrc, .fraction_lost = 64, .last_sender_report = rtp::middle_of(last->sender->ntp)};
  const size_t size = rtp::write_rtcp({.ssrc = 9, .block = block, .cname = "far"}, out);
  world.receive(c, std::span(out).first(size));
  world.controller.ask_statistics(c);
  world.run(20ms);
  const LegStatistics statistics = world.all<StatisticsTaken>().at(0).statistics;
  EXPECT_FLOAT_EQ(statistics.far_loss, 0.25F);
  EXPECT_GT(statistics.round_trip, 0us);
  EXPECT_GE(statistics.far_opinion, 1.0F);
  EXPECT_LT(statistics.far_opinion, 3.0F) << "it loses a quarter";
  EXPECT_EQ(statistics.opinion, 0.0F) << "it has said nothing";
}

TEST_F(Leg, HasAnOpinionOfWhatItReceives) {
  bridge();
  world.run(1000ms);
  world.controller.ask_statistics(a);
  world.run(20ms);
  const LegStatistics statistics = world.all<StatisticsTaken>().at(0).statistics;
  EXPECT_GT(statistics.opinion, 4.2F);
  EXPECT_EQ(statistics.far_opinion, 0.0F) << "it has reported nothing";
}

TEST_F(Leg, AWatchedRoomTellsOfLevelsAndOfWhoSpeaks) {
  bridge();
  EXPECT_TRUE(world.all<LevelMeasured>().empty());
  world.controller.watch_levels(world.facts.room, true);
  world.run(1100ms);
  const auto levels = world.all<LevelMeasured>();
  EXPECT_NEAR(static_cast<double>(levels.size()), 10, 2) << "both, five times a second";
  for (const LevelMeasured& one : levels) EXPECT_NEAR(one.level_db, -20.0F, 2.0F);
  const auto speakers = world.all<SpeakerChanged>();
  ASSERT_FALSE(speakers.empty());
  EXPECT_TRUE(speakers[0].leg == a || speakers[0].leg == b);
  world.controller.watch_levels(world.facts.room, false);
  world.run(20ms);
  const size_t before = world.all<LevelMeasured>().size();
  world.run(500ms);
  EXPECT_EQ(world.all<LevelMeasured>().size(), before);
}

TEST(LoneLeg, IsHeardWithoutAClickByWhoComesLater) {
  MediaWorld world;
  const LegId first = world.add_phone();
  world.apply();
  world.run(500ms);
  EXPECT_EQ(world.all<TalkChanged>().size(), 1U) << "though nobody hears it";
  const LegId second = world.add_phone();
  world.apply();
  world.run(150ms);
  EXPECT_TRUE(world.hears(second, first));
  EXPECT_TRUE(world.hears(first, second));
  EXPECT_EQ(world.breaks(), 0U);
}

TEST_F(Leg, TellsWhoAnswered) {
  bridge();
  const LegId silent = world.add_leg(LegSettings{});
  EXPECT_TRUE(world.controller.detect_machine(silent, {.silence_timeout = 1000ms}));
  EXPECT_FALSE(world.controller.detect_machine(LegId::make(world.random), {}));
  world.run(1500ms);
  const auto heard = world.all<MachineHeard>();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].leg, silent);
  EXPECT_EQ(heard[0].verdict, audio::MachineDetector::Verdict::Unknown);
  EXPECT_EQ(heard[0].after, 1000ms);
}

TEST_F(Leg, ComfortNoiseIsSilenceAndNoSilentFarEnd) {
  const LegId c = world.add_leg({.silence_max = 200ms});
  world.on_say = [&, header = rtp::Header{.payload_type = 13, .ssrc = 9}]() mutable {
    std::array<std::byte, 13> packet{};
    rtp::write_header(header, packet);
    ++header.sequence_number;
    header.timestamp += 160;
    world.receive(c, packet);
  };
  bridge();
  EXPECT_TRUE(world.all<MediaLost>().empty());
  EXPECT_EQ(world.breaks(), 0U);
}

TEST_F(Leg, TellsWhoTalks) {
  bridge();
  EXPECT_EQ(world.all<TalkChanged>().size(), 2U);
}

TEST_F(Leg, AStreamThatRunsDryIsSilenceAndIsCounted) {
  auto ring = std::make_shared<StreamRing>(16'000);
  const PromptId prompt = world.play({.clips = {StreamClip{ring}}}, a);
  world.apply();
  ring->write(std::vector<int16_t>(3200, 500));
  world.run(400ms);
  ring->write(std::vector<int16_t>(3200, 500));
  ring->close();
  world.run(400ms);
  ASSERT_EQ(world.all<PromptEnded>().size(), 1U);
  EXPECT_EQ(world.all<PromptEnded>()[0].prompt, prompt);
  EXPECT_NEAR(world.all<PromptEnded>()[0].underruns, 10, 2);
}

// The far end and a recording are to know how long it was, or all that follows comes so much later.
TEST_F(Leg, WhatTheThreadHadNoTimeForIsLeftOutOfTheTimeline) {
  auto reader = world.controller.open_tap(TapId::make(world.random), world.facts.room, 1);
  bridge();
  const auto recorded = [&] {
    size_t frames = 0;
    for (auto block = reader->front(); !block.samples.empty(); block = reader->front()) {
      frames += 1 + block.silent_before;
      reader->release();
    }
    return frames;
  };
  recorded();
  const RtpPhone& phone = world.phones.at(a);
  const uint32_t begin = phone.heard_until();
  const size_t packets = phone.packets();
  for (int i = 0; i < 5; ++i) {
    world.stand_still(300ms);
    world.run(200ms);
  }
  EXPECT_LT(phone.packets() - packets, 80U);
  EXPECT_NEAR(static_cast<double>(phone.heard_until() - begin) / 160, 125, 1);
  EXPECT_NEAR(static_cast<double>(recorded()), 125, 1);
  EXPECT_EQ(phone.breaks(), 0U);
  world.run(1000ms);
  EXPECT_EQ(world.heard(), "A<B B<A");
}

TEST_F(Leg, ClosingARoomEndsItsPromptsAndTaps) {
  world.play({.clips = {SilenceClip{}}});
  auto reader = world.controller.open_tap(TapId::make(world.random), world.facts.room, 1);
  bridge();
  world.controller.close_room(world.facts.room);
  world.run(40ms);
  ASSERT_EQ(world.all<PromptEnded>().size(), 1U);
  EXPECT_EQ(world.all<PromptEnded>()[0].cause, PromptEndCause::RoomClosed);
  while (!reader->front().samples.empty()) reader->release();
  EXPECT_TRUE(reader->finished());
  world.controller.close_leg(a);
  world.controller.close_leg(b);
  world.run(40ms);
  EXPECT_EQ(world.all<LegClosed>().size(), 2U);
}

}  // namespace
}  // namespace sotto::media
