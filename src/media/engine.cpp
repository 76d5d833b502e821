#include "media/engine.h"

#include <algorithm>
#include <array>
#include <thread>
#include <unordered_map>
#include <vector>

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "media/controller.h"
#include "media/handshakes.h"
#include "media/media_thread.h"

namespace sotto::media {
namespace {

// One for each media thread.
struct Channels {
  explicit Channels(size_t threads) {
    for (size_t i = 0; i < threads; ++i) owned.push_back(std::make_unique<Channel>());
    for (const auto& channel : owned) all.push_back(channel.get());
  }
  std::vector<std::unique_ptr<Channel>> owned;
  std::vector<Channel*> all;
};

// A leg that has RTP.
struct Wired {
  PortPair pair;
  Handle handle;
  size_t thread;
  std::array<int, 2> sockets() const { return {pair.rtp.get(), pair.rtcp.get()}; }
};

class RealEngine final : public Engine, private EventSink, private Migrations {
 public:
  RealEngine(const EngineSettings& settings, EventSink& sink, PortPool ports, Descriptor event)
      : ip_(settings.advertised_ip.empty() ? settings.bind_ip : settings.advertised_ip),
        sink_(sink),
        ports_(std::move(ports)),
        event_(std::move(event)),
        channels_(settings.threads),
        controller_(channels_.all, *this, *this, random_, settings.room_rate_hz) {}

  Result<void> run(const EngineSettings& settings) {
    auto hand_over = HandOver::create(settings.threads);
    if (!hand_over) return fail(hand_over.error());
    hand_over_ = std::move(*hand_over);
    for (size_t i = 0; i < settings.threads; ++i) {
      const int cpu = settings.media_cpu < 0 ? -1 : settings.media_cpu + static_cast<int>(i);
      auto thread = MediaThread::start({.number = i,
                                        .channel = *channels_.all[i],
                                        .hand_over = *hand_over_,
                                        .report_event = event_.get(),
                                        .cpu = cpu,
                                        .real_time = settings.real_time_priority});
      if (!thread) return fail(thread.error());
      threads_.push_back(std::move(*thread));
    }
    return {};
  }

  int event_fd() const override { return event_.get(); }
  void poll() override {
    uint64_t signals = 0;
    // Nothing to read is as good: the rings are looked at whatever it says.
    [[maybe_unused]] const ssize_t size = ::read(event_.get(), &signals, sizeof(signals));
    controller_.collect();
    wake();  // a leg on its way waits for no event
    controller_.deliver();
    if (handshakes_ != nullptr) {
      for (const Handshakes::News& news : handshakes_->take_news()) {
        std::visit([&](const auto& one) { on_news(one); }, news);
      }
    }
    wake();
  }

  void open_room(RoomId room, uint32_t rate_hz) override {
    controller_.open_room(room, rate_hz);
    wake();
  }
  void apply(const hearing::PlanDelta& delta) override {
    controller_.apply(delta);
    wake();
  }
  void watch_levels(RoomId room, bool on) override {
    controller_.watch_levels(room, on);
    wake();
  }
  void close_room(RoomId room) override {
    controller_.close_room(room);
    wake();
  }

  Result<LocalPorts> open_leg(LegId leg, RoomId room) override {
    if (wired_.contains(leg)) return fail(ErrorCode::AlreadyExists, "the leg is open");
    auto pair = ports_.take(clock_.now());
    if (!pair) return fail(pair.error());
    const LegSockets sockets{.rtp = pair->rtp.get(), .rtcp = pair->rtcp.get()};
    const Controller::OpenedLeg opened = controller_.open_leg(leg, room, sockets);
    const LocalPorts local{.ip = ip_, .rtp = pair->port, .rtcp = static_cast<uint16_t>(pair->port + 1)};
    wired_.emplace(leg, Wired{std::move(*pair), opened.handle, opened.thread});
    for (const int socket : {sockets.rtp, sockets.rtcp}) {
      if (auto watched = threads_[opened.thread]->watch(socket, opened.handle); !watched) {
        close_leg(leg);
        return fail(watched.error());
      }
    }
    wake();
    return local;
  }
  Result<void> configure_leg(LegId leg, const LegSettings& settings) override {
    auto done = controller_.configure_leg(leg, settings);
    if (done) done = shake_hands(leg, settings);
    wake();
    return done;
  }
  Result<RingEnds> attach_rings(LegId leg, uint32_t rate_hz) override {
    auto ends = controller_.attach_rings(leg, rate_hz);
    wake();
    // A leg that was never configured has not sent by its ports, and what comes there is dropped.
    if (ends) give_ports_back(leg);
    return ends;
  }
  std::string dtls_fingerprint() override {
    return start_handshakes() ? handshakes_->fingerprint() : std::string();
  }
  void move_leg(LegId leg, RoomId to) override {
    controller_.move_leg(leg, to);
    wake();
  }
  Result<void> send_digits(LegId leg, const std::string& digits) override {
    auto done = controller_.send_digits(leg, digits);
    wake();
    return done;
  }
  Result<void> detect_machine(LegId leg, const audio::MachineRules& rules) override {
    auto done = controller_.detect_machine(leg, rules);
    wake();
    return done;
  }
  void ask_statistics(LegId leg) override {
    controller_.ask_statistics(leg);
    wake();
  }
  void close_leg(LegId leg) override {
    controller_.close_leg(leg);
    if (dtls_.erase(leg) != 0) handshakes_->close(leg);
    wake();
  }

  void start_prompt(PromptId prompt, RoomId room, Playlist playlist) override {
    controller_.start_prompt(prompt, room, std::move(playlist));
    wake();
  }
  void stop_prompt(PromptId prompt) override {
    controller_.stop_prompt(prompt);
    wake();
  }

  std::unique_ptr<TapReader> open_tap(TapId tap, RoomId room, uint16_t channels) override {
    auto reader = controller_.open_tap(tap, room, channels);
    wake();
    return reader;
  }
  void move_tap(TapId tap, RoomId to) override {
    controller_.move_tap(tap, to);
    wake();
  }
  void pause_tap(TapId tap, bool paused) override {
    controller_.pause_tap(tap, paused);
    wake();
  }
  void close_tap(TapId tap) override {
    controller_.close_tap(tap);
    wake();
  }

  EngineCounters counters() const override {
    EngineCounters sum;
    for (const auto& thread : threads_) sum += thread->counters();
    return sum;
  }

 private:
  // Those that have been sent something.
  void wake() {
    for (size_t i = 0; i < threads_.size(); ++i) {
      if (controller_.take_sent(i)) threads_[i]->wake();
    }
  }
  void on_leg_migrates(LegId leg, Handle handle, size_t from, size_t to) override {
    const auto wired = wired_.find(leg);
    if (wired == wired_.end()) return;  // it has no RTP
    wired->second.thread = to;
    for (const int socket : wired->second.sockets()) {
      threads_[from]->unwatch(socket);
      if (auto watched = threads_[to]->watch(socket, handle); !watched) {
        base::log(base::LogLevel::Error, "media", "a leg will not be heard",
                  {{"why", watched.error().detail}});
      }
    }
  }
  // The thread and its certificate, when the first leg asks for them.
  Result<void> start_handshakes() {
    if (handshakes_ != nullptr) return {};
    auto started = Handshakes::start(*hand_over_, event_.get());
    if (!started) return fail(started.error());
    handshakes_ = std::move(*started);
    return {};
  }
  Result<void> shake_hands(LegId leg, const LegSettings& settings) {
    const auto* const dtls = std::get_if<DtlsSettings>(&settings.protection);
    if (dtls == nullptr) {
      if (dtls_.erase(leg) != 0) handshakes_->close(leg);
      return {};
    }
    const auto known = dtls_.find(leg);
    if (known != dtls_.end() && known->second == *dtls) return {};
    if (auto started = start_handshakes(); !started) return started;
    dtls_[leg] = *dtls;
    const Wired& wired = wired_.at(leg);
    handshakes_->open({.id = leg,
                       .handle = wired.handle,
                       .socket = wired.pair.rtp.get(),
                       .remote = settings.remote,
                       .settings = *dtls});
    return {};
  }
  void on_news(const Handshakes::Secured& news) {
    const bool done = controller_.secure_leg(news.leg, news.keys.ours, news.keys.theirs).has_value();
    using State = SecurityChanged::State;
    sink_.on_media_event(SecurityChanged{.leg = news.leg, .state = done ? State::Secured : State::Failed});
  }
  void on_news(const Handshakes::Failed& news) {
    base::log(base::LogLevel::Warning, "media", "a leg's sound cannot be secured", {{"why", news.why}});
    sink_.on_media_event(SecurityChanged{.leg = news.leg, .state = SecurityChanged::State::Failed});
  }
  void on_news(const Handshakes::Validated& news) { controller_.redirect_leg(news.leg, news.from); }
  void on_news(const Handshakes::ConsentLost& news) {
    sink_.on_media_event(MediaLost{.leg = news.leg, .at = clock_.now()});
  }

  void give_ports_back(LegId leg) {
    auto node = wired_.extract(leg);
    if (node.empty()) return;
    Wired& wired = node.mapped();
    for (const int socket : wired.sockets()) threads_[wired.thread]->unwatch(socket);
    ports_.give_back(std::move(wired.pair), clock_.now());
  }
  void on_media_event(const Event& event) override {
    // Only now does no media thread know the leg's sockets any more.
    if (const auto* closed = std::get_if<LegClosed>(&event)) give_ports_back(closed->leg);
    sink_.on_media_event(event);
  }

  // Constant after construction.
  const std::string ip_;
  EventSink& sink_;
  const base::SystemClock clock_;

  base::SystemRandom random_;
  PortPool ports_;
  Descriptor event_;
  std::unordered_map<LegId, Wired> wired_;
  const Channels channels_;
  Controller controller_;
  std::unordered_map<LegId, DtlsSettings> dtls_;
  std::unique_ptr<HandOver> hand_over_;
  std::unique_ptr<Handshakes> handshakes_;             // null until a leg needs it
  std::vector<std::unique_ptr<MediaThread>> threads_;  // last: they end before what they use
};

}  // namespace

size_t usable_processors() {
  cpu_set_t set;
  // It fails on machines with more than a set can hold.
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return std::thread::hardware_concurrency();
  return static_cast<size_t>(CPU_COUNT(&set));
}

size_t default_threads(size_t processors) {
  return std::clamp<size_t>(processors, 1, 4);
}

EngineCounters& EngineCounters::operator+=(const EngineCounters& other) {
  turns += other.turns;
  turns_late += other.turns_late;
  audience_violations += other.audience_violations;
  plan_faults += other.plan_faults;
  events_dropped += other.events_dropped;
  packets_received += other.packets_received;
  packets_sent += other.packets_sent;
  sends_failed += other.sends_failed;
  packets_forwarded += other.packets_forwarded;
  rooms_forwarding += other.rooms_forwarding;
  turn_time_us += other.turn_time_us;
  for (size_t i = 0; i < TurnHistogram::kBuckets; ++i) turn_time.counts[i] += other.turn_time.counts[i];
  return *this;
}

Result<std::unique_ptr<Engine>> Engine::start(const EngineSettings& settings, EventSink& sink) {
  if (settings.threads < 1 || settings.threads > EngineSettings::kThreadsMax) {
    return fail(ErrorCode::Invalid, "the number of media threads must be from 1 to " +
                                        std::to_string(EngineSettings::kThreadsMax));
  }
  auto bind_to = SocketAddress::parse(settings.bind_ip, 0);
  if (!bind_to) return fail(bind_to.error());
  auto ports = PortPool::create(*bind_to, settings.port_min, settings.port_max);
  if (!ports) return fail(ports.error());
  Descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (event.get() < 0) return fail(ErrorCode::Io, "cannot make an eventfd");
  auto engine = std::make_unique<RealEngine>(settings, sink, std::move(*ports), std::move(event));
  if (auto running = engine->run(settings); !running) return fail(running.error());
  return engine;
}

}  // namespace sotto::media
