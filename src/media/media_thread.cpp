#include "media/media_thread.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <string>

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "media/signal.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr int kEventsMax = 256;
constexpr int kCommandsMax = 512;  // at a time
constexpr uint64_t kWakeToken = UINT64_MAX;
constexpr auto kLate = 5ms;
constexpr auto kPatience = 20ms;  // of a report that nobody waits for
constexpr std::chrono::microseconds kMixStep = 1ms;
constexpr std::chrono::microseconds kForwardStep = 250us;

// A leg's handle and its socket in an epoll token.
uint64_t token_of(Handle leg, int socket) {
  return uint64_t{leg.index} << 48 | uint64_t{leg.generation} << 24 | static_cast<uint32_t>(socket);
}
Handle leg_of(uint64_t token) {
  return {.index = static_cast<uint32_t>(token >> 48),
          .generation = static_cast<uint32_t>(token >> 24) & Handle::kGenerationMax};
}
int socket_of(uint64_t token) {
  return static_cast<int>(token & 0xFFFFFF);
}

}  // namespace

Result<std::unique_ptr<MediaThread>> MediaThread::start(const Options& options) {
  std::unique_ptr<MediaThread> self(new MediaThread(options));
  self->epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  self->wake_event_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = kWakeToken}};
  if (self->epoll_.get() < 0 || self->wake_event_.get() < 0 ||
      ::epoll_ctl(self->epoll_.get(), EPOLL_CTL_ADD, self->wake_event_.get(), &event) != 0) {
    return fail(ErrorCode::Io, "cannot set up a media thread's epoll");
  }
  self->thread_ = std::thread([thread = self.get()] { thread->run(); });
  if (auto pinned = self->pin(); !pinned) return fail(pinned.error());
  return self;
}

Result<void> MediaThread::pin() {
  if (options_.cpu < 0) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  if (options_.cpu < CPU_SETSIZE) CPU_SET(static_cast<size_t>(options_.cpu), &set);
  if (pthread_setaffinity_np(thread_.native_handle(), sizeof(set), &set) == 0) return {};
  return fail(ErrorCode::Invalid,
              "media thread " + std::to_string(options_.number) + " cannot be kept to processor " +
                  std::to_string(options_.cpu) +
                  ", which does not exist or is not ours: the first thread takes `cpu` of "
                  "[media], the others those that follow");
}

MediaThread::~MediaThread() {
  stopping_.store(true, std::memory_order_release);
  wake();
  if (thread_.joinable()) thread_.join();
}

void MediaThread::wake() noexcept {
  if (!woken_.exchange(true, std::memory_order_acq_rel)) signal(wake_event_.get());
}

Result<void> MediaThread::watch(int socket, Handle leg) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = token_of(leg, socket)}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event) != 0) {
    return fail(ErrorCode::Io, "cannot watch a media socket");
  }
  return {};
}

void MediaThread::unwatch(int socket) noexcept {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
}

void MediaThread::run() noexcept {
  pthread_setname_np(pthread_self(), ("sotto-media-" + std::to_string(options_.number)).c_str());
  ::prctl(PR_SET_TIMERSLACK, 1000UL);  // ns: wake at the tick, not 50 us behind it
  const sched_param priority{.sched_priority = 10};
  if (options_.real_time && pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) != 0 &&
      options_.number == 0) {
    base::log(base::LogLevel::Info, "media", "no right to real-time priority; LimitRTPRIO gives it");
  }
  while (!stopping_.load(std::memory_order_acquire)) loop_once();
}

void MediaThread::loop_once() noexcept {
  timespec timeout{};
  const timespec* wait = nullptr;
  if (const auto due = graph_.next_due()) {
    const auto left = std::max(base::Duration::zero(), *due - clock_.now());
    timeout = {.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
    wait = &timeout;
  }
  std::array<epoll_event, kEventsMax> events;
  const int ready = ::epoll_pwait2(epoll_.get(), events.data(), kEventsMax, wait, nullptr);
  drain_commands();
  const base::TimePoint began = clock_.now();
  for (int depth = 0; depth < MediaLeg::kPrefetchDepth; ++depth) {
    for (int i = 0; i < ready; ++i) graph_.prefetch(leg_of(events[static_cast<size_t>(i)].data.u64), depth);
  }
  for (int i = 0; i < ready; ++i) {
    const uint64_t token = events[static_cast<size_t>(i)].data.u64;
    if (token != kWakeToken) receive(socket_of(token), leg_of(token), began);
  }
  const auto due = graph_.next_due();
  graph_.run(began);
  if (due && *due <= began) {
    note_turn(*due, began);
    const auto length = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - began).count();
    const size_t bucket = std::bit_width(static_cast<uint64_t>(length));
    totals_.turn_time_us += static_cast<uint64_t>(length);
    ++totals_.turn_time.counts[std::min(bucket, TurnHistogram::kBuckets - 1)];
  }
  publish();
  tell_control(began);
  if (ready > 0) sleep_to_next_tick();
}

// At once where somebody waits, or before sleeping for long.
void MediaThread::tell_control(base::TimePoint now) noexcept {
  const Channel::Untold untold = options_.channel.untold();
  if (untold == Channel::Untold::Nothing) return;
  if (untold == Channel::Untold::Patient && now - told_ < kPatience && graph_.next_due()) return;
  signal(options_.report_event);
  options_.channel.told();
  told_ = now;
}

// Packets of a mixed room are not awaited one by one: what comes within a millisecond is taken together, and
// within a quarter of one where somebody waits for them.
void MediaThread::sleep_to_next_tick() const noexcept {
  const std::chrono::microseconds step = graph_.counters().rooms_forwarding > 0 ? kForwardStep : kMixStep;
  const base::Duration now = clock_.now().time_since_epoch();
  const base::Duration tick = (now / step + 1) * step;
  const timespec until{.tv_sec = tick / 1s, .tv_nsec = (tick % 1s).count()};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

void MediaThread::note_turn(base::TimePoint due, base::TimePoint began) noexcept {
  if (began - due > kLate) ++totals_.turns_late;
}

void MediaThread::drain_commands() noexcept {
  woken_.exchange(false, std::memory_order_acq_rel);  // before it looks: what comes later wakes it again
  Command command;
  for (int i = 0; i < kCommandsMax && options_.channel.commands.pop(command); ++i) {
    graph_.execute(clock_.now(), std::move(command));
  }
  if (options_.channel.commands.size() > 0) wake();
}

// One datagram: epoll tells again of a socket that has more, and a second call to find it empty costs more
// than that.
void MediaThread::receive(int socket, Handle leg, base::TimePoint now) noexcept {
  if (!graph_.has(leg)) return;  // it stays in the socket, for the thread that the leg is on its way to
  std::array<std::byte, 2048> datagram;
  sockaddr_storage from{};
  socklen_t length = sizeof(from);
  const ssize_t size =
      ::recvfrom(socket, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
  if (size < 0) return;  // taken already, or an ICMP error that the far end's silence shows as well
  ++totals_.packets_received;
  const auto bytes = std::span(datagram).first(static_cast<size_t>(size));
  const SocketAddress source = SocketAddress::from_raw(reinterpret_cast<const sockaddr*>(&from), length);
  const rtp::PacketKind kind = rtp::classify(bytes);
  if (kind == rtp::PacketKind::Stun || kind == rtp::PacketKind::Dtls)
    return options_.hand_over.give(options_.number, leg, source, bytes);
  graph_.on_datagram(now, leg, bytes, source);
}

void MediaThread::send(int socket, const SocketAddress& to, std::span<const std::byte> datagram) noexcept {
  const ssize_t sent =
      to.valid() ? ::sendto(socket, datagram.data(), datagram.size(), MSG_DONTWAIT, to.raw(), to.length())
                 : ::send(socket, datagram.data(), datagram.size(), MSG_DONTWAIT);
  ++(sent < 0 ? totals_.sends_failed : totals_.packets_sent);
}

bool MediaThread::connect(int socket, const SocketAddress& far) noexcept {
  return connect_udp(socket, far);
}

void MediaThread::publish() noexcept {
  const GraphCounters& graph = graph_.counters();
  const std::array<uint64_t, kScalars> values = {graph.turns,
                                                 totals_.turns_late,
                                                 graph.audience_violations,
                                                 graph.plan_faults,
                                                 options_.channel.dropped.load(std::memory_order_relaxed),
                                                 totals_.packets_received,
                                                 totals_.packets_sent,
                                                 totals_.sends_failed,
                                                 graph.packets_forwarded,
                                                 graph.rooms_forwarding,
                                                 totals_.turn_time_us};
  for (size_t i = 0; i < values.size(); ++i) published_[i].store(values[i], std::memory_order_relaxed);
  for (size_t i = 0; i < TurnHistogram::kBuckets; ++i) {
    published_[values.size() + i].store(totals_.turn_time.counts[i], std::memory_order_relaxed);
  }
}

EngineCounters MediaThread::counters() const {
  const auto at = [&](size_t i) { return published_[i].load(std::memory_order_relaxed); };
  EngineCounters counters{.turns = at(0),
                          .turns_late = at(1),
                          .audience_violations = at(2),
                          .plan_faults = at(3),
                          .events_dropped = at(4),
                          .packets_received = at(5),
                          .packets_sent = at(6),
                          .sends_failed = at(7),
                          .packets_forwarded = at(8),
                          .rooms_forwarding = at(9),
                          .turn_time_us = at(10)};
  for (size_t i = 0; i < TurnHistogram::kBuckets; ++i) counters.turn_time.counts[i] = at(kScalars + i);
  return counters;
}

}  // namespace sotto::media
