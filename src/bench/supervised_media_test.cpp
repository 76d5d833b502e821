#include "bench/supervised_media.h"

#include <charconv>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "audio/g711.h"
#include "bench/bench_tones.h"
#include "bench/clocked.h"
#include "media/port_pool.h"
#include "rtp/packet.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr float kAgentHz = 450, kSupervisorHz = 500;  // of the first call

// Plays the server towards the customer of the first call.
class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(own);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), length), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &length), 0);
    port_ = ntohs(own.sin_port);
  }
  uint16_t port() const { return port_; }

  void say(float hz, const std::string& sdp, uint16_t number) const { say(encoded_frame(hz), sdp, number); }
  void say(const std::array<std::byte, 160>& payload, const std::string& sdp, uint16_t number) const {
    const size_t at = sdp.find("m=audio ") + 8;
    uint16_t port = 0;
    std::from_chars(sdp.data() + at, sdp.data() + sdp.size(), port);
    std::array<std::byte, rtp::kHeaderBytes + 160> packet{};
    rtp::write_header({.sequence_number = number, .timestamp = number * 160U, .ssrc = 7}, packet);
    std::copy(payload.begin(), payload.end(), packet.begin() + rtp::kHeaderBytes);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    EXPECT_EQ(::sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                       sizeof(to)),
              static_cast<ssize_t>(packet.size()));
  }

 private:
  media::Descriptor socket_;
  uint16_t port_ = 0;
};

template <typename Frames>
SupervisedSound heard(const Frames& frames) {
  auto media = SupervisedMedia::open_sockets(1);
  EXPECT_TRUE(media);
  const Server server;
  (*media)->talk_to(0, Seat::Customer, server.port());
  (*media)->talking(true);
  const std::string sdp = (*media)->sdp(0, Seat::Customer);
  for (const auto& [number, frame] : frames) server.say(frame, sdp, number);
  (*media)->start();
  EXPECT_TRUE(wait_until(5s, [&] { return (*media)->received() == frames.size(); }));
  return (*media)->stop();
}

using Tone = std::vector<std::pair<uint16_t, float>>;
using Payloads = std::vector<std::pair<uint16_t, std::array<std::byte, 160>>>;

TEST(SupervisedMedia, TheAgentsToneAloneIsClean) {
  const SupervisedSound sound = heard(Tone{{1, kAgentHz}, {2, kAgentHz}, {3, kAgentHz}});
  EXPECT_EQ(sound.customer_frames, 3U);
  EXPECT_EQ(sound.leaks, 0U);
  EXPECT_LT(sound.loudest_leak, 0.005);
  EXPECT_EQ(sound.talk_broken, 0U);
  EXPECT_EQ(sound.lost, 0U);
  EXPECT_EQ(sound.jumps, 0U);
}

TEST(SupervisedMedia, ASupervisorsToneIsALeakAndSilenceABreak) {
  const SupervisedSound sound = heard(Tone{{1, kAgentHz}, {2, kSupervisorHz}, {3, 0}});
  EXPECT_EQ(sound.leaks, 1U);
  EXPECT_GT(sound.loudest_leak, 0.9);
  EXPECT_EQ(sound.talk_broken, 2U);
}

TEST(SupervisedMedia, AMissingFrameIsSeen) {
  const SupervisedSound sound = heard(Tone{{1, kAgentHz}, {2, kAgentHz}, {4, kAgentHz}});
  EXPECT_EQ(sound.lost, 1U);
}

std::array<int16_t, 160> samples_of(float hz) {
  std::array<int16_t, 160> samples{};
  audio::ulaw_decode(encoded_frame(hz), samples);
  return samples;
}

// The agent's tone up to a sample, then silence, or the tone that many samples out of step; and a
// supervisor's.
std::array<std::byte, 160> broken_at(size_t sample, size_t step, double whisper) {
  const auto agent = samples_of(kAgentHz);
  const auto supervisor = samples_of(kSupervisorHz);
  std::array<int16_t, 160> samples{};
  for (size_t i = 0; i < samples.size(); ++i) {
    const int talk = i < sample ? agent[i] : step == 0 ? 0 : agent[(i + step) % agent.size()];
    samples[i] = static_cast<int16_t>(talk + whisper * supervisor[i]);
  }
  std::array<std::byte, 160> payload{};
  audio::ulaw_encode(samples, payload);
  return payload;
}

Payloads broken_everywhere() {
  Payloads frames;
  for (size_t sample = 4; sample < 160; sample += 4) {
    for (const size_t step : {0U, 3U, 8U}) {
      frames.emplace_back(static_cast<uint16_t>(frames.size() + 1), broken_at(sample, step, 0));
    }
  }
  return frames;
}

TEST(SupervisedMedia, ATalkThatBreaksOffIsABreakAndNoLeak) {
  const SupervisedSound sound = heard(broken_everywhere());
  EXPECT_EQ(sound.leaks, 0U);
  EXPECT_GT(sound.smeared, 50U);
  EXPECT_GT(sound.talk_broken, 10U);
}

TEST(SupervisedMedia, ASoftWhisperIsALeak) {
  Payloads frames;
  for (const double whisper : {0.02, 0.1, 1.0}) {
    frames.emplace_back(static_cast<uint16_t>(frames.size() + 1), broken_at(160, 0, whisper));
  }
  EXPECT_EQ(heard(frames).leaks, 3U);
}

}  // namespace
}  // namespace sotto::bench
