#include "bench/supervised_media.h"

#include <cmath>
#include <cstring>
#include <numbers>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audio/g711.h"
#include "bench/bench_tones.h"
#include "bench/clocked.h"
#include "bench/loopback.h"
#include "rtp/packet.h"

namespace sotto::bench {
namespace {

constexpr size_t kFrame = 160;
constexpr size_t kPacket = rtp::kHeaderBytes + kFrame;
constexpr int64_t kFrameNs = 20'000'000;
constexpr int64_t kTickNs = 1'000'000;
constexpr size_t kSets = 8;                          // calls side by side have tones of their own
constexpr float kStep = 50;                          // Hz: what has whole periods in a frame
constexpr float kHeardMin = 0.5F, kHeardMax = 2.0F;  // within 6 dB
constexpr float kUnheardMax = 0.01F;                 // 40 dB below
constexpr float kOverSmear = 2;           // how much louder a tone is than what is smeared beside it
constexpr float kWhole = 0.008F;          // how near to its level the tone of a whole frame is
constexpr int64_t kSettle = 200'000'000;  // ns after a change, for both directions of the way there
constexpr int kBuffer = 8 * 1024 * 1024;
constexpr size_t kBatch = 64;
constexpr int kPriority = 5;  // below the server's media threads

// Odd multiples of 50 Hz for those who talk, even ones for supervisors: what companding adds to a tone lies
// at its odd multiples, and so never where a supervisor would be looked for.
float tone_of(size_t call, size_t seat) {
  const auto set = static_cast<float>(4 * (call % kSets));
  constexpr std::array<float, kSeats> kFirst = {9, 11, 10};
  return kStep * (kFirst[seat] + set);
}

// cos and sin of one tone over a frame.
struct Wave {
  std::array<float, kFrame> cosine, sine;
  explicit Wave(float hz) {
    for (size_t i = 0; i < kFrame; ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(hz) * static_cast<double>(i) / 8000;
      cosine[i] = static_cast<float>(std::cos(angle));
      sine[i] = static_cast<float>(std::sin(angle));
    }
  }
  float amplitude(const std::array<float, kFrame>& samples) const {
    float c = 0, s = 0;
    for (size_t i = 0; i < kFrame; ++i) {
      c += samples[i] * cosine[i];
      s += samples[i] * sine[i];
    }
    return std::sqrt(c * c + s * s) * 2 / static_cast<float>(kFrame);
  }
};

// Of each set and seat, with the amplitude that a phone says it at.
struct Tones {
  std::vector<Wave> waves;
  std::vector<std::array<std::byte, kFrame>> payloads;
  std::vector<std::array<Wave, 2>> beside;  // each set's supervisor, where nobody talks
  float said = 0;
  Tones() {
    for (size_t set = 0; set < kSets; ++set) {
      for (size_t seat = 0; seat < kSeats; ++seat) {
        waves.emplace_back(tone_of(set, seat));
        payloads.push_back(encoded_frame(tone_of(set, seat)));
      }
      const float supervisor = tone_of(set, static_cast<size_t>(Seat::Supervisor));
      beside.push_back({Wave(supervisor - 2 * kStep), Wave(supervisor + 2 * kStep)});
    }
    said = waves[0].amplitude(decoded(payloads[0]));
  }
  static std::array<float, kFrame> decoded(const std::array<std::byte, kFrame>& payload) {
    std::array<int16_t, kFrame> pcm{};
    audio::ulaw_decode(payload, pcm);
    std::array<float, kFrame> samples{};
    for (size_t i = 0; i < kFrame; ++i) samples[i] = static_cast<float>(pcm[i]);
    return samples;
  }
};

const Tones& tones() {
  static const Tones all;
  return all;
}

}  // namespace

struct SupervisedMedia::Leg {
  size_t call = 0;
  Seat seat = Seat::Agent;
  std::atomic<uint16_t> port{0};
  std::atomic<int64_t> since{0};  // ns: when it got its port
  std::array<std::byte, kPacket> packet{};
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  // Of what comes in.
  bool started = false;
  uint16_t last_number = 0;
  uint32_t last_timestamp = 0;
  int64_t due = 0;
};

struct SupervisedMedia::Call {
  std::atomic<Expect> expected{Expect::Anything};
  std::atomic<int64_t> changed{0};
  std::atomic<int64_t> first_whisper{0};
};

Result<std::unique_ptr<SupervisedMedia>> SupervisedMedia::open_sockets(size_t calls) {
  std::unique_ptr<SupervisedMedia> media(new SupervisedMedia);
  if (auto opened = media->open(calls); !opened) return fail(opened.error());
  return media;
}

void SupervisedMedia::start() {
  thread_ = std::thread([this] { run(); });
}

SupervisedMedia::~SupervisedMedia() {
  stop();
  for (const int socket : sockets_) ::close(socket);
  ::close(epoll_);
}

const SupervisedSound& SupervisedMedia::stop() {
  ended_.store(true);
  if (thread_.joinable()) thread_.join();
  return sound_;
}

Result<void> SupervisedMedia::open(size_t calls) {
  calls_ = std::vector<Call>(calls);
  legs_ = std::vector<Leg>(calls * kSeats);
  for (size_t i = 0; i < legs_.size(); ++i) {
    legs_[i].call = i / kSeats;
    legs_[i].seat = static_cast<Seat>(i % kSeats);
    const auto& payload = tones().payloads[legs_[i].call % kSets * kSeats + i % kSeats];
    std::copy(payload.begin(), payload.end(), legs_[i].packet.begin() + rtp::kHeaderBytes);
  }
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (size_t phase = 0; phase < kPhases; ++phase) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in own = loopback(0);
    socklen_t length = sizeof(own);
    // As large as the system allows; what does not fit counts as lost.
    if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof(kBuffer)) != 0)
      ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof(kBuffer));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = phase}};
    if (socket < 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&own), length) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) {
      return fail(ErrorCode::Io, "cannot open sockets for sound");
    }
    sockets_.push_back(socket);
    ports_.push_back(ntohs(own.sin_port));
  }
  return {};
}

std::string SupervisedMedia::sdp(size_t call, Seat seat) const {
  const size_t leg = call * kSeats + static_cast<size_t>(seat);
  return fmt::format(
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n"
      "a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n",
      ports_[leg % kPhases]);
}

void SupervisedMedia::talk_to(size_t call, Seat seat, uint16_t port) {
  const size_t number = call * kSeats + static_cast<size_t>(seat);
  Leg& leg = legs_[number];
  const uint16_t before = leg.port.exchange(port);
  if (before != 0) by_port_[before].store(0);
  leg.since.store(steady_ns());
  if (port != 0) by_port_[port].store(static_cast<uint32_t>(number) + 1);
}

void SupervisedMedia::expect(size_t call, Expect what) {
  calls_[call].changed.store(steady_ns());
  calls_[call].expected.store(what);
}

int64_t SupervisedMedia::first_whisper(size_t call) const {
  return calls_[call].first_whisper.load();
}

void SupervisedMedia::run() {
  ::prctl(PR_SET_TIMERSLACK, 1000UL);
  // They stand for machines of their own: what else this one does is not to keep them from speaking. Without
  // the right to it they may be late, and the result says by how much.
  const sched_param priority{.sched_priority = kPriority};
  ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority);
  int64_t tick = steady_ns() / kTickNs;
  while (!ended_.load(std::memory_order_relaxed)) {
    ++tick;
    rest_until(tick * kTickNs);
    if (talking_.load(std::memory_order_relaxed))
      sound_.behind_ns = std::max(sound_.behind_ns, steady_ns() - tick * kTickNs);
    say(tick);
    hear();
  }
}

// The phase's legs, in as few system calls as may be.
void SupervisedMedia::say(int64_t tick) {
  const auto phase = static_cast<size_t>(tick) % kPhases;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  std::array<sockaddr_in, kBatch> to{};
  unsigned count = 0;
  const auto flush = [&] {
    // A full buffer over there is a lost packet, which the far end shows.
    if (count > 0) [[maybe_unused]]
      const int sent = ::sendmmsg(sockets_[phase], messages.data(), count, MSG_DONTWAIT);
    count = 0;
  };
  for (size_t i = phase; i < legs_.size(); i += kPhases) {
    Leg& leg = legs_[i];
    const uint16_t port = leg.port.load(std::memory_order_relaxed);
    if (port == 0) continue;
    rtp::write_header({.sequence_number = leg.sequence_number++,
                       .timestamp = leg.timestamp,
                       .ssrc = static_cast<uint32_t>(i) + 1},
                      leg.packet);
    leg.timestamp += kFrame;
    parts[count] = {leg.packet.data(), leg.packet.size()};
    to[count] = loopback(port);
    messages[count].msg_hdr = {&to[count], sizeof(to[count]), &parts[count], 1, nullptr, 0, 0};
    if (++count == kBatch) flush();
  }
  flush();
}

void SupervisedMedia::hear() {
  std::array<epoll_event, kPhases> events;
  const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(kPhases), 0);
  static thread_local std::array<std::array<std::byte, 512>, kBatch> datagrams;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  std::array<sockaddr_in, kBatch> from{};
  for (int i = 0; i < ready; ++i) {
    const int socket = sockets_[events[static_cast<size_t>(i)].data.u64];
    for (int got = static_cast<int>(kBatch); got == static_cast<int>(kBatch);) {
      for (size_t k = 0; k < kBatch; ++k) {
        parts[k] = {datagrams[k].data(), datagrams[k].size()};
        messages[k].msg_hdr = {&from[k], sizeof(from[k]), &parts[k], 1, nullptr, 0, 0};
      }
      got = ::recvmmsg(socket, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
      for (int k = 0; k < got; ++k) {
        const auto at = static_cast<size_t>(k);
        hear_one(datagrams[at].data(), messages[at].msg_len, ntohs(from[at].sin_port));
      }
    }
  }
}

void SupervisedMedia::hear_one(const std::byte* bytes, size_t size, uint16_t from) {
  const uint32_t number = by_port_[from].load(std::memory_order_relaxed);
  if (number == 0 || size != kPacket) return;  // of a leg that is over, or RTCP
  Leg& leg = legs_[number - 1];
  const int64_t now = steady_ns();
  ++sound_.frames;
  judge_stream(leg, bytes, now);
  std::array<int16_t, kFrame> pcm{};
  audio::ulaw_decode(std::span(bytes + rtp::kHeaderBytes, kFrame), pcm);
  for (size_t i = 0; i < kFrame; ++i) samples_[i] = static_cast<float>(pcm[i]);
  judge_sound(leg, now);
  received_.fetch_add(1);
}

void SupervisedMedia::judge_stream(Leg& leg, const std::byte* header, int64_t now) {
  const auto packet = rtp::parse_packet(std::span(header, kPacket));
  if (!packet) return;
  const uint16_t number = packet->header.sequence_number;
  const uint32_t timestamp = packet->header.timestamp;
  if (leg.started) {
    const auto step = static_cast<uint16_t>(number - leg.last_number);
    sound_.lost += step == 0 ? 0 : step - 1U;
    sound_.jumps += timestamp - leg.last_timestamp != step * kFrame;
    leg.due += step * kFrameNs;
    const int64_t behind = now - leg.due;
    sound_.late += std::abs(behind) > kFrameNs;
    leg.due += behind / 50;
  } else {
    leg.due = now;
  }
  leg.started = true;
  leg.last_number = number;
  leg.last_timestamp = timestamp;
}

// A supervisor's tone, rather than what is smeared over the spectrum where the agent's breaks off or begins:
// that is as loud beside it. Of a broken frame no more can be told than whether the whisper is all there is.
void SupervisedMedia::judge_leak(size_t agent, size_t other) {
  const auto level = [&](const Wave& wave) { return wave.amplitude(samples_) / tones().said; };
  const float at = level(tones().waves[other * kSeats + static_cast<size_t>(Seat::Supervisor)]);
  if (at > kUnheardMax) {
    const auto& beside = tones().beside[other];
    const bool smeared = at <= kOverSmear * std::max(level(beside[0]), level(beside[1]));
    const bool whole = std::abs(level(tones().waves[agent * kSeats]) - 1) < kWhole;
    if (smeared || (!whole && at < kHeardMin)) {
      ++sound_.smeared;
      return;
    }
    ++sound_.leaks;
  }
  sound_.loudest_leak = std::max(sound_.loudest_leak, static_cast<double>(at));
}

void SupervisedMedia::judge_sound(Leg& leg, int64_t now) {
  const size_t set = leg.call % kSets * kSeats;
  const auto level = [&](size_t wave) { return tones().waves[wave].amplitude(samples_) / tones().said; };
  const auto heard = [&](Seat seat) {
    const float at = level(set + static_cast<size_t>(seat));
    return at >= kHeardMin && at <= kHeardMax;
  };
  const bool talking = talking_.load(std::memory_order_relaxed);
  const bool settled = now - leg.since.load(std::memory_order_relaxed) > kSettle;
  if (leg.seat == Seat::Customer) {
    ++sound_.customer_frames;
    // His own call's supervisor in every frame, and one of the neighbours' in turn.
    const size_t own = leg.call % kSets;
    for (const size_t other : {own, sound_.customer_frames % kSets}) judge_leak(own, other);
    sound_.talk_frames += talking;
    sound_.talk_broken += talking && !heard(Seat::Agent);
    return;
  }
  if (leg.seat == Seat::Supervisor) {
    if (!talking || !settled) return;
    ++sound_.listen_frames;
    sound_.listen_broken += !heard(Seat::Agent) || !heard(Seat::Customer);
    return;
  }
  sound_.talk_frames += talking;
  sound_.talk_broken += talking && !heard(Seat::Customer);
  Call& call = calls_[leg.call];
  const float whisper = level(set + static_cast<size_t>(Seat::Supervisor));
  if (whisper >= kHeardMin && call.first_whisper.load(std::memory_order_relaxed) == 0)
    call.first_whisper.store(now);
  const Expect expected = call.expected.load();
  if (expected == Expect::Anything || now - call.changed.load() < kSettle) return;
  if (expected == Expect::Whisper) {
    ++sound_.whisper_frames;
    sound_.whisper_broken += whisper < kHeardMin;
  } else {
    ++sound_.monitor_frames;
    sound_.monitor_leaks += whisper > kUnheardMax;
  }
}

}  // namespace sotto::bench
