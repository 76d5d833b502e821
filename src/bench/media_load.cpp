#include "bench/media_load.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <limits>
#include <vector>

#include <sys/epoll.h>
#include <sys/prctl.h>

#include "audio/g711.h"
#include "base/time.h"
#include "bench/bench_tones.h"
#include "media/port_pool.h"
#include "rtp/packet.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kFrameMs = 20;
constexpr uint32_t kFrameTicks = 160;
constexpr size_t kFramesPerSecond = 50;
constexpr double kOnTimeSeconds = 0.020;
constexpr size_t kPacketBytes = rtp::kHeaderBytes + kFrameTicks;
constexpr uint32_t kEarsMax = 48;
constexpr size_t kEarFrames = 15;    // the newest 300 ms
constexpr size_t kWindowFrames = 5;  // judged in windows of 100 ms
constexpr int kEventsMax = 256;

struct Leg {
  media::Descriptor socket;
  std::array<std::byte, kPacketBytes> packet;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  // Of the window: the delay of each frame by its place in the far end's timeline.
  bool started = false;
  uint32_t first_timestamp = 0;
  std::vector<float> delays;
  // The newest payloads, where somebody listens.
  std::vector<std::array<std::byte, kFrameTicks>> ear;
  size_t ear_next = 0;
};

class Load {
 public:
  explicit Load(MediaBoard& board) : board_(board), legs_(board.legs) {}

  bool open() {
    epoll_ = media::Descriptor(::epoll_create1(0));
    const uint32_t ear_step = std::max(1U, board_.legs / kEarsMax);
    for (uint32_t i = 0; i < board_.legs; ++i) {
      Leg& leg = legs_[i];
      if (!open_socket(i)) return false;
      const auto payload = encoded_frame(tone_said(board_, i));
      std::copy(payload.begin(), payload.end(), leg.packet.begin() + rtp::kHeaderBytes);
      if (i % ear_step == 0 || i < 6) leg.ear.resize(kEarFrames);
      phases_[i * 3 % kFrameMs].push_back(i);
    }
    return true;
  }

  void run() {
    int64_t tick = now() / 1ms;
    while (!board_.ended.load(std::memory_order_relaxed)) {
      ++tick;
      rest_until(tick);
      if (now() / 1ms - tick > kFrameMs) tick = now() / 1ms;
      watch_window();
      say(tick);
      hear();
    }
  }

 private:
  base::Duration now() const { return clock_.now().time_since_epoch(); }
  static void rest_until(int64_t tick) {
    const timespec until{.tv_sec = tick / 1000, .tv_nsec = tick % 1000 * 1'000'000};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }

  bool open_socket(uint32_t number) {
    auto bind_to = media::SocketAddress::parse("127.0.0.1", 0);
    media::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_storage own{};
    socklen_t length = sizeof(own);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    if (socket.get() < 0 || ::bind(socket.get(), bind_to->raw(), bind_to->length()) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0) {
      return false;
    }
    board_.load_ports[number] =
        media::SocketAddress::from_raw(reinterpret_cast<const sockaddr*>(&own), length).port();
    legs_[number].socket = std::move(socket);
    return true;
  }

  void say(int64_t tick) {
    const MediaBoard::Driven driven = board_.driven.load(std::memory_order_acquire);
    for (const uint32_t number : phases_[static_cast<size_t>(tick % kFrameMs)]) {
      Leg& leg = legs_[number];
      rtp::write_header(
          {.sequence_number = leg.sequence_number++, .timestamp = leg.timestamp, .ssrc = number + 1},
          leg.packet);
      leg.timestamp += kFrameTicks;
      if (driven == MediaBoard::Driven::Nobody || board_.workload == MediaWorkload::IdleLegs) continue;
      const auto& ports = driven == MediaBoard::Driven::Server ? board_.server_ports : board_.floor_ports;
      const auto to = media::SocketAddress::parse("127.0.0.1", ports[number]);
      // A full buffer over there is a lost packet, which counts as not on time.
      [[maybe_unused]] const ssize_t sent = ::sendto(leg.socket.get(), leg.packet.data(), leg.packet.size(),
                                                     MSG_DONTWAIT, to->raw(), to->length());
    }
  }

  void hear() {
    std::array<epoll_event, kEventsMax> events;
    int ready = kEventsMax;
    for (int batch = 0; batch < 32 && ready == kEventsMax; ++batch) {
      ready = ::epoll_wait(epoll_.get(), events.data(), kEventsMax, 0);
      const double at = std::chrono::duration<double>(now()).count();
      for (int i = 0; i < ready; ++i) hear_one(legs_[events[static_cast<size_t>(i)].data.u64], at);
    }
  }

  void hear_one(Leg& leg, double at) {
    std::array<std::byte, 2048> datagram;
    const ssize_t size = ::recv(leg.socket.get(), datagram.data(), datagram.size(), 0);
    if (size < static_cast<ssize_t>(kPacketBytes)) return;
    const auto packet = rtp::parse_packet(std::span(datagram).first(static_cast<size_t>(size)));
    if (!packet || packet->payload.size() != kFrameTicks) return;
    if (!leg.ear.empty()) {
      std::copy(packet->payload.begin(), packet->payload.end(), leg.ear[leg.ear_next].begin());
      leg.ear_next = (leg.ear_next + 1) % kEarFrames;
    }
    if (!counting_) return;
    if (!leg.started) {
      leg.started = true;
      leg.first_timestamp = packet->header.timestamp;
    }
    const uint32_t frame = (packet->header.timestamp - leg.first_timestamp) / kFrameTicks;
    if (frame >= 100'000) return;  // before the first, or of somebody else
    if (frame >= leg.delays.size()) leg.delays.resize(frame + 1, std::numeric_limits<float>::quiet_NaN());
    leg.delays[frame] = static_cast<float>(at - window_began_ - frame * 0.020);
  }

  void watch_window() {
    const bool counting = board_.counting.load(std::memory_order_acquire);
    if (counting == counting_) return;
    counting_ = counting;
    if (counting) {
      window_began_ = std::chrono::duration<double>(now()).count();
      for (Leg& leg : legs_) leg.started = false;
      for (Leg& leg : legs_) leg.delays.clear();
      return;
    }
    const double length = std::chrono::duration<double>(now()).count() - window_began_;
    for (uint32_t i = 0; i < board_.legs; ++i) {
      judge_times(legs_[i], static_cast<size_t>(length));
      judge_tones(i);
    }
    board_.counted.fetch_add(1, std::memory_order_release);
  }

  void judge_times(Leg& leg, size_t seconds) {
    for (size_t second = 0; second < seconds; ++second) {
      std::vector<float> delays;
      for (size_t frame = second * kFramesPerSecond; frame < (second + 1) * kFramesPerSecond; ++frame) {
        if (frame < leg.delays.size() && !std::isnan(leg.delays[frame])) delays.push_back(leg.delays[frame]);
      }
      board_.frames_expected.fetch_add(kFramesPerSecond, std::memory_order_relaxed);
      if (delays.empty()) continue;
      const auto middle = delays.begin() + static_cast<ptrdiff_t>(delays.size() / 2);
      std::nth_element(delays.begin(), middle, delays.end());
      const auto median = static_cast<double>(*middle);
      const auto on_time = std::count_if(delays.begin(), delays.end(), [&](float delay) {
        return std::abs(static_cast<double>(delay) - median) <= kOnTimeSeconds;
      });
      board_.frames_on_time.fetch_add(static_cast<uint64_t>(on_time), std::memory_order_relaxed);
    }
  }

  void judge_tones(uint32_t number) {
    Leg& leg = legs_[number];
    if (leg.ear.empty()) return;
    std::vector<int16_t> samples(kEarFrames * kFrameTicks);
    for (size_t i = 0; i < kEarFrames; ++i) {
      audio::ulaw_decode(leg.ear[(leg.ear_next + i) % kEarFrames],
                         std::span(samples).subspan(i * kFrameTicks, kFrameTicks));
    }
    board_.ears_checked.fetch_add(1, std::memory_order_relaxed);
    board_.ears_wrong.fetch_add(!ever_right(samples, tones_heard(board_, number)), std::memory_order_relaxed);
  }

  // Whom a leg hears does not change: a wrong sound is wrong in every window. What is off in one alone is a
  // packet that this process, not the server, has sent too late, and counts as not on time.
  static bool ever_right(std::span<const int16_t> samples, std::span<const float> tones) {
    constexpr size_t kWindow = kWindowFrames * kFrameTicks;
    for (size_t at = 0; at + kWindow <= samples.size(); at += kWindow) {
      if (hears_only(samples.subspan(at, kWindow), tones)) return true;
    }
    return false;
  }

  MediaBoard& board_;
  const base::SystemClock clock_;
  media::Descriptor epoll_;
  std::vector<Leg> legs_;
  std::array<std::vector<uint32_t>, kFrameMs> phases_;
  bool counting_ = false;
  double window_began_ = 0;
};

}  // namespace

int run_media_load(MediaBoard& board) {
  ::prctl(PR_SET_TIMERSLACK, 1000UL);
  Load load(board);
  if (!load.open()) return 1;
  board.ready.fetch_add(1);
  load.run();
  return 0;
}

}  // namespace sotto::bench
