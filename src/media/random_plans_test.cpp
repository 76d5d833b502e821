#include <cstdlib>

#include <gtest/gtest.h>

#include "media/media_world.h"

// Every sample counts: each source says a constant of its own, a power of two, in L16, so that what a leg
// hears names its sources exactly.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;
using hearing::SupervisionMode;

constexpr uint8_t kPayloadType = 96;
constexpr size_t kLegs = 7;
constexpr size_t kPrompts = 4;

struct Constants : testing::Test {
  Constants() {
    world.on_say = [this] { say(); };
    world.on_packet = [this](LegId leg, std::span<const std::byte> datagram) { hear(leg, datagram); };
    for (size_t i = 0; i < kLegs; ++i) {
      LegSettings settings;
      settings.codec = audio::CodecId::L16Narrow;
      settings.payload_type = kPayloadType;
      legs.push_back(world.add_leg(settings));
    }
    for (size_t i = 0; i < kPrompts; ++i) {
      auto pcm = std::make_shared<Pcm>();
      pcm->samples.assign(800, static_cast<int16_t>(value_of(kLegs + i)));
      prompts.push_back(world.play({.clips = {PcmClip{pcm}}, .loops = 0}));
    }
    encoder = audio::codec(audio::CodecId::L16Narrow).make_encoder({});
    decoder = audio::codec(audio::CodecId::L16Narrow).make_decoder({});
  }

  static int value_of(size_t source) { return 1 << source; }
  int expected(LegId listener) const {
    int sum = 0;
    for (size_t i = 0; i < legs.size(); ++i) sum += gain(world.plan, listener, legs[i]) > 0 ? value_of(i) : 0;
    for (size_t i = 0; i < prompts.size(); ++i) {
      sum += gain(world.plan, listener, prompts[i]) > 0 ? value_of(kLegs + i) : 0;
    }
    return sum;
  }

  void say() {
    for (size_t i = 0; i < legs.size(); ++i) {
      std::array<int16_t, 160> samples;
      samples.fill(static_cast<int16_t>(value_of(i)));
      std::array<std::byte, 332> packet;
      const rtp::Header header{.payload_type = kPayloadType,
                               .sequence_number = sequence,
                               .timestamp = sequence * 160U,
                               .ssrc = static_cast<uint32_t>(i)};
      rtp::write_header(header, packet);
      encoder->encode(samples, std::span(packet).subspan(rtp::kHeaderBytes));
      world.receive(legs[i], packet);
    }
    ++sequence;
  }
  void hear(LegId leg, std::span<const std::byte> datagram) {
    if (!checking) return;
    const auto packet = rtp::parse_packet(datagram);
    std::array<int16_t, 160> samples;
    ASSERT_EQ(decoder->decode(packet->payload, samples), 160U);
    const int wanted = expected(leg) & allowed;
    for (const int16_t sample : samples) wrong += sample != wanted;
    ++packets;
  }

  bool chance(uint64_t one_in) { return world.random.below(one_in) == 0; }
  LegId any_leg() { return legs[world.random.below(legs.size())]; }
  hearing::LegSet some_legs() {
    hearing::LegSet set;
    for (const LegId& leg : legs) {
      if (chance(2)) set.push_back(leg);
    }
    std::sort(set.begin(), set.end());
    return set;
  }
  void draw_facts() {
    for (hearing::Member& member : world.facts.members) {
      member.muted = chance(4);
      member.earmuffed = chance(6);
      member.held = chance(6);
      member.waiting = chance(10);
      member.source_only = chance(12);
      member.can_speak.reset();
      member.can_hear.reset();
      if (chance(5)) member.can_speak = some_legs();
      if (chance(5)) member.can_hear = some_legs();
    }
    world.facts.supervisions.clear();
    if (chance(2)) {
      world.facts.supervisions.push_back({.supervisor = legs[0],
                                          .target = legs[1 + world.random.below(kLegs - 1)],
                                          .mode = static_cast<SupervisionMode>(world.random.below(4))});
    }
    for (hearing::Prompt& prompt : world.facts.prompts) {
      prompt.only.reset();
      if (chance(2)) prompt.only = any_leg();
    }
  }

  MediaWorld world{
      static_cast<uint64_t>(std::getenv("SEED") != nullptr ? std::atoll(std::getenv("SEED")) : 1)};
  std::vector<LegId> legs;
  std::vector<PromptId> prompts;
  std::unique_ptr<audio::Encoder> encoder;
  std::unique_ptr<audio::Decoder> decoder;
  uint16_t sequence = 0;
  bool checking = false;
  int allowed = 0xFFFF;
  size_t wrong = 0;
  size_t packets = 0;
};

TEST_F(Constants, TenThousandRandomPlansAndNotOneForbiddenSample) {
  world.apply();
  world.run(500ms);
  checking = true;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  int plans = 0;
  for (; plans < 10'000 && std::chrono::steady_clock::now() < deadline && wrong == 0; ++plans) {
    draw_facts();
    world.apply();
    world.run(20ms);
  }
  RecordProperty("plans", plans);
  EXPECT_EQ(wrong, 0U) << "after " << plans << " plans";
  EXPECT_GE(packets, static_cast<size_t>(plans) * kLegs - kLegs);
  EXPECT_EQ(world.counters().audience_violations, 0U);
  EXPECT_EQ(world.counters().plan_faults, 0U);
}

TEST_F(Constants, ACellOutsideTheAudienceIsDroppedCountedAndReported) {
  world.facts.prompts.clear();
  world.facts.supervisions = {{.supervisor = legs[0], .target = legs[1], .mode = SupervisionMode::Whisper}};
  world.apply();
  world.run(500ms);
  allowed = 0xFFFF & ~value_of(0);  // below: the whisperer in the ear of legs[2], who must not hear him
  hearing::Plan wrong_plan = world.plan;
  wrong_plan.exceptions.push_back({.listener = legs[2], .source = legs[0], .gain = 1.0F});
  std::sort(wrong_plan.exceptions.begin(), wrong_plan.exceptions.end(), [](const auto& x, const auto& y) {
    return std::tie(x.listener, x.source) < std::tie(y.listener, y.source);
  });
  world.apply(wrong_plan);
  world.on_packet = [this](LegId leg, std::span<const std::byte> datagram) {
    if (leg == legs[2]) hear(leg, datagram);
  };
  checking = true;
  world.run(400ms);
  EXPECT_GE(packets, 20U);
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(world.counters().audience_violations, 1U);
  const auto reports = world.all<AudienceViolation>();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].listener, hearing::Listener(legs[2]));
  EXPECT_EQ(reports[0].source, hearing::Source(legs[0]));
}

TEST_F(Constants, AnOpenSourceWithALimitedAudienceIsClosed) {
  world.facts.prompts.clear();
  world.apply();
  world.run(500ms);
  hearing::Plan wrong_plan = world.plan;
  wrong_plan.audiences.push_back({.source = legs[0], .listeners = {}});
  world.apply(wrong_plan);
  allowed = 0xFFFF & ~value_of(0);
  checking = true;
  world.run(400ms);
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(world.counters().audience_violations, 1U);
}

TEST_F(Constants, ATapThatHasLeftThePlanIsHeldToNoAudience) {
  world.facts.prompts.clear();
  const TapId tap = TapId::make(world.random);
  auto reader = world.controller.open_tap(tap, world.facts.room, 1);
  world.facts.taps = {{.id = tap, .channels = {hearing::HeardBy{legs[2]}}}};
  world.apply();
  world.run(100ms);
  world.facts.taps.clear();
  world.facts.prompts = {{.id = PromptId::make(world.random), .only = legs[2]}};
  world.apply();
  world.run(100ms);
  EXPECT_EQ(world.counters().audience_violations, 0U);
}

TEST_F(Constants, TapsHoldWhatTheirViewsSay) {
  world.facts.prompts.clear();
  world.facts.supervisions = {{.supervisor = legs[0], .target = legs[1], .mode = SupervisionMode::Whisper}};
  const TapId tap = TapId::make(world.random);
  auto reader = world.controller.open_tap(tap, world.facts.room, 4);
  world.facts.taps = {{.id = tap,
                       .channels = {hearing::SaidBy{legs[0]}, hearing::HeardBy{legs[2]},
                                    hearing::HeardBy{legs[1]}, hearing::OpenRoom{legs[3]}}}};
  world.apply();
  world.run(1000ms);
  std::vector<int16_t> newest(4);
  size_t blocks = 0;
  for (auto block = reader->front(); !block.samples.empty(); block = reader->front()) {
    for (size_t channel = 0; channel < 4; ++channel) newest[channel] = block.samples[channel * 160 + 80];
    ++blocks;
    reader->release();
  }
  EXPECT_NEAR(static_cast<double>(blocks), 50.0, 1.0);
  constexpr int kOpen = (1 << kLegs) - 2;  // all but the whisperer
  EXPECT_EQ(newest[0], value_of(0));
  EXPECT_EQ(newest[1], kOpen & ~value_of(2));
  EXPECT_EQ(newest[2], (kOpen & ~value_of(1)) | value_of(0));
  EXPECT_EQ(newest[3], kOpen & ~value_of(3));
  world.controller.close_tap(tap);
  world.run(40ms);
  while (!reader->front().samples.empty()) reader->release();
  EXPECT_TRUE(reader->finished());
}

}  // namespace
}  // namespace sotto::media
