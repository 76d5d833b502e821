#include "bench/media_server.h"

#include <chrono>
#include <cstdio>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "base/random.h"
#include "bench/bench_tones.h"
#include "hearing/delta.h"
#include "hearing/derive.h"
#include "media/engine.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

uint64_t resident_bytes() {
  unsigned long size = 0;
  unsigned long resident = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
  std::fclose(file);
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

class Server final : private media::EventSink {
 public:
  explicit Server(MediaBoard& board) : board_(board) {}

  Result<void> open() {
    const media::EngineSettings settings{.bind_ip = "127.0.0.1", .port_min = 20'000, .port_max = 49'999};
    auto engine = media::Engine::start(settings, *this);
    if (!engine) return fail(engine.error());
    engine_ = std::move(*engine);
    const uint64_t before = resident_bytes();
    const auto began = clock_.now();
    for (uint32_t first = 0; first < board_.legs; first += board_.room_legs) {
      if (auto opened = open_room(first); !opened) return opened;
    }
    while (applied_ < expected_) poll();
    const auto took = std::chrono::duration<double>(clock_.now() - began).count();
    board_.joins_per_s = static_cast<uint64_t>(board_.legs / took);
    board_.leg_bytes = (resident_bytes() - std::min(before, resident_bytes())) / board_.legs;
    return {};
  }
  void run() {
    while (!board_.ended.load(std::memory_order_relaxed)) poll();
  }

 private:
  // Legs join one by one, as they do in life.
  Result<void> open_room(uint32_t first) {
    hearing::Facts facts;
    facts.room = hearing::RoomId::make(random_);
    hearing::Plan plan{.room = facts.room};
    for (uint32_t i = 0; i < board_.room_legs; ++i) {
      const auto leg = hearing::LegId::make(random_);
      if (auto opened = open_leg(leg, facts.room, first + i); !opened) return opened;
      facts.members.push_back({.leg = leg});
      if (board_.workload == MediaWorkload::Whisper && i == 2) {
        facts.supervisions.push_back(
            {.supervisor = leg, .target = facts.members[1].leg, .mode = hearing::SupervisionMode::Whisper});
      }
      if (board_.workload == MediaWorkload::Announcements) announce(facts, leg);
      hearing::Plan next = hearing::derive(facts);
      next.revision = plan.revision + 1;
      engine_->apply(hearing::diff(plan, next));
      ++expected_;
      plan = std::move(next);
      if (i % 16 == 15) poll();
    }
    return {};
  }

  Result<void> open_leg(hearing::LegId leg, hearing::RoomId room, uint32_t number) {
    const auto ports = engine_->open_leg(leg, room);
    if (!ports) return fail(ports.error());
    board_.server_ports[number] = ports->rtp;
    const auto remote = media::SocketAddress::parse("127.0.0.1", board_.load_ports[number]);
    if (!remote) return fail(remote.error());
    const media::LegSettings settings{
        .event_payload_type = 101, .remote = *remote, .silence_max = 30s, .cname = "bench"};
    return engine_->configure_leg(leg, settings);
  }

  void announce(hearing::Facts& facts, hearing::LegId leg) {
    const auto prompt = hearing::PromptId::make(random_);
    facts.prompts.push_back({.id = prompt, .only = leg});
    engine_->start_prompt(prompt, facts.room, {.clips = {media::PcmClip{announcement_}}, .loops = 0});
  }

  void poll() {
    pollfd wait{.fd = engine_->event_fd(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, 20);
    engine_->poll();
  }
  void on_media_event(const media::Event& event) override {
    applied_ += std::holds_alternative<media::PlanApplied>(event);
  }

  MediaBoard& board_;
  const base::SystemClock clock_;
  base::SystemRandom random_;
  const audio::SharedPcm announcement_ = std::make_shared<audio::Pcm>(announcement_sound());
  uint64_t expected_ = 0;
  uint64_t applied_ = 0;
  std::unique_ptr<media::Engine> engine_;  // last: its events come here
};

}  // namespace

int run_media_server(MediaBoard& board) {
  Server server(board);
  if (!server.open()) return 1;
  board.ready.fetch_add(1);
  server.run();
  return 0;
}

}  // namespace sotto::bench
