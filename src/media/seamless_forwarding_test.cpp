#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "audio/codec.h"
#include "audio/tone.h"
#include "media/media_world.h"

// What the ear has of it where untouched forwarding begins and ends: each party says one tone without a
// pause, and whatever comes into the room makes no sound of its own.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr float kLevelDb = -20.0F;
constexpr double kStepMax = 2.0;  // from sample to sample, against the tone's own

// The far end of a leg that speaks any codec.
class CodecPhone {
 public:
  CodecPhone(audio::CodecId id, uint8_t payload_type, float hz)
      : spec_(audio::codec(id)),
        payload_type_(payload_type),
        encoder_(spec_.make_encoder({})),
        decoder_(spec_.make_decoder({})),
        generator_(audio::sine_tone(hz, kLevelDb), spec_.sample_rate_hz),
        frame_(spec_.sample_rate_hz / kFramesPerSecond) {}

  std::span<const std::byte> say() {
    generator_.render(frame_);
    rtp::write_header({.payload_type = payload_type_,
                       .sequence_number = sequence_number_++,
                       .timestamp = timestamp_,
                       .ssrc = 7},
                      packet_);
    timestamp_ += spec_.clock_rate_hz / kFramesPerSecond;
    const size_t size = encoder_->encode(frame_, std::span(packet_).subspan(rtp::kHeaderBytes));
    return std::span(packet_).first(rtp::kHeaderBytes + size);
  }
  void hear(std::span<const std::byte> datagram) {
    const auto packet = rtp::parse_packet(datagram);
    ASSERT_TRUE(packet);
    const rtp::Header& header = packet->header;
    if (packets_ > 0) {
      EXPECT_EQ(header.ssrc, last_.ssrc);
      EXPECT_EQ(header.sequence_number, static_cast<uint16_t>(last_.sequence_number + 1));
      EXPECT_EQ(header.timestamp - last_.timestamp, spec_.clock_rate_hz / kFramesPerSecond) << packets_;
    }
    ++packets_;
    last_ = header;
    std::vector<int16_t> samples(frame_.size() * 6);
    const size_t count = decoder_->decode(packet->payload, samples);
    EXPECT_EQ(count, frame_.size());
    heard_.insert(heard_.end(), samples.begin(), samples.begin() + static_cast<ptrdiff_t>(count));
  }
  std::span<const int16_t> heard() const { return heard_; }
  uint32_t rate_hz() const { return spec_.sample_rate_hz; }

 private:
  const audio::CodecSpec& spec_;
  const uint8_t payload_type_;
  std::unique_ptr<audio::Encoder> encoder_;
  std::unique_ptr<audio::Decoder> decoder_;
  audio::ToneGenerator generator_;
  std::vector<int16_t> frame_;
  std::array<std::byte, 400> packet_{};
  uint16_t sequence_number_ = 65'500;
  uint32_t timestamp_ = 4'294'960'000U;
  std::vector<int16_t> heard_;
  size_t packets_ = 0;
  rtp::Header last_;
};

// What is not even in a tone: the lowest and the highest level of 10 ms against the usual one, and the
// greatest step from one sample to the next against the tone's own.
struct Unevenness {
  double lowest_db = 0;
  double highest_db = 0;
  double step = 0;
};

Unevenness unevenness(std::span<const int16_t> samples, uint32_t rate_hz, float hz) {
  const size_t window = rate_hz / 100;
  std::vector<double> levels;
  for (size_t at = 0; at + window <= samples.size(); at += window / 2) {
    double energy = 1;
    for (const int16_t sample : samples.subspan(at, window)) energy += double{1} * sample * sample;
    levels.push_back(10 * std::log10(energy / static_cast<double>(window)));
  }
  std::vector<double> sorted = levels;
  std::sort(sorted.begin(), sorted.end());
  const double usual = sorted[sorted.size() / 2];
  double step = 0;
  for (size_t i = 1; i < samples.size(); ++i)
    step = std::max(step, std::abs(double{1} * samples[i] - samples[i - 1]));
  const double amplitude = std::sqrt(2.0) * std::pow(10.0, usual / 20);
  const double own = amplitude * 2 * std::sin(M_PI * static_cast<double>(hz) / rate_hz);
  return {sorted.front() - usual, sorted.back() - usual, step / own};
}

struct Way {
  const char* name;
  audio::CodecId codec;
  uint8_t payload_type;
  uint32_t room_rate_hz;
  double lowest_db;  // that 10 ms may have, against the usual
  double highest_db;
};
void PrintTo(const Way& way, std::ostream* out) {
  *out << way.name;
}

class SeamlessForwarding : public testing::TestWithParam<Way> {
 protected:
  static constexpr float kHzOfA = 400;
  static constexpr float kHzOfB = 700;

  SeamlessForwarding() {
    world.on_packet = [this](LegId leg, std::span<const std::byte> datagram) {
      if (leg == a) phone_a.hear(datagram);
      if (leg == b) phone_b.hear(datagram);
    };
    a = world.add_leg(settings());
    b = world.add_leg(settings());
    world.apply();
  }
  LegSettings settings() const {
    return {.codec = GetParam().codec,
            .payload_type = GetParam().payload_type,
            .event_payload_type = 101,
            .event_clock_hz = audio::codec(GetParam().codec).clock_rate_hz};
  }
  // Both speak, each with a clock of his own.
  void run(std::chrono::milliseconds length) {
    for (int64_t i = 0; i < length.count(); ++i, ++ms) {
      if (ms % 20 == 3) world.receive(a, phone_a.say());
      if (ms % 20 == 14) world.receive(b, phone_b.say());
      world.run(1ms);
    }
  }
  bool forwards() const { return world.counters().rooms_forwarding == 1; }
  // From what has been heard already on.
  void begin() {
    from_a = phone_a.heard().size();
    from_b = phone_b.heard().size();
  }
  void expect_even(const char* what) const {
    judge(what, phone_a, from_a, kHzOfB);
    judge(what, phone_b, from_b, kHzOfA);
  }
  static void judge(const char* what, const CodecPhone& phone, size_t from, float hz) {
    const Unevenness found = unevenness(phone.heard().subspan(from), phone.rate_hz(), hz);
    SCOPED_TRACE(testing::Message() << what << ", " << hz << " Hz");
    EXPECT_GE(found.lowest_db, GetParam().lowest_db);
    EXPECT_LE(found.highest_db, GetParam().highest_db);
    EXPECT_LE(found.step, kStepMax);
  }
  void expect_forwarding() {
    run(1700ms);
    ASSERT_TRUE(forwards());
  }

  MediaWorld world{1, GetParam().room_rate_hz};
  LegId a;
  LegId b;
  CodecPhone phone_a{GetParam().codec, GetParam().payload_type, kHzOfA};
  CodecPhone phone_b{GetParam().codec, GetParam().payload_type, kHzOfB};
  int64_t ms = 0;
  size_t from_a = 0;
  size_t from_b = 0;
};

TEST_P(SeamlessForwarding, IsEnteredWithoutAClick) {
  run(160ms);
  begin();
  expect_forwarding();
  expect_even("entered");
}

TEST_P(SeamlessForwarding, IsLeftForAPromptAndEnteredAgain) {
  expect_forwarding();
  run(3000ms);
  begin();
  const PromptId prompt = world.play({.clips = {SilenceClip{}}}, b);
  world.apply();
  run(500ms);
  EXPECT_FALSE(forwards());
  expect_even("left for a prompt");
  begin();
  world.controller.stop_prompt(prompt);
  world.facts.prompts.clear();
  world.apply();
  expect_forwarding();
  expect_even("entered after it");
}

TEST_P(SeamlessForwarding, IsLeftForARecording) {
  expect_forwarding();
  begin();
  const TapId tap = TapId::make(world.random);
  const auto reader = world.controller.open_tap(tap, world.facts.room, 1);
  world.facts.taps.push_back({.id = tap, .channels = {hearing::OpenRoom{}}});
  world.apply();
  run(500ms);
  EXPECT_FALSE(forwards());
  EXPECT_FALSE(reader->front().samples.empty());
  expect_even("left for a recording");
}

TEST_P(SeamlessForwarding, IsLeftForAThirdLegAndEnteredWhenItLeaves) {
  expect_forwarding();
  begin();
  const LegId c = world.add_leg(settings());
  world.apply();
  run(500ms);
  EXPECT_FALSE(forwards());
  expect_even("left for a leg");
  begin();
  world.controller.close_leg(c);
  world.facts.members.pop_back();
  world.apply();
  expect_forwarding();
  expect_even("entered when it left");
}

// In a narrow room the far end's Opus decoder changes its mode with the band, for 10 ms.
INSTANTIATE_TEST_SUITE_P(Codecs, SeamlessForwarding,
                         testing::Values(Way{"PCMU", audio::CodecId::Pcmu, 0, 8000, -2, 0.5},
                                         Way{"G722", audio::CodecId::G722, 9, 16'000, -4, 4},
                                         Way{"G722_narrow", audio::CodecId::G722, 9, 8000, -5, 4},
                                         Way{"Opus", audio::CodecId::Opus, 111, 48'000, -5, 4},
                                         Way{"Opus_narrow", audio::CodecId::Opus, 111, 8000, -13, 4}),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace sotto::media
