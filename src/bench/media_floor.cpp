#include "bench/media_floor.h"

#include <ctime>
#include <vector>

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/clocked.h"
#include "bench/loopback.h"

namespace sotto::bench {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kForwardStepNs = 250'000;  // as the media thread wakes while it forwards
constexpr int kPhases = 20;
constexpr int kPhaseStep = 7;
constexpr int kEventsMax = 256;
constexpr size_t kPacketBytes = 172;  // G.711, 20 ms

class Floor {
 public:
  explicit Floor(MediaBoard& board) : board_(board) {}

  bool open() {
    epoll_ = ::epoll_create1(0);
    for (uint32_t leg = 0; leg < board_.legs; ++leg) {
      const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
      sockaddr_in own = loopback(0);
      socklen_t length = sizeof(own);
      const sockaddr_in far = loopback(board_.load_ports[leg]);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = leg}};
      if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0 ||
          ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
          ::connect(fd, reinterpret_cast<const sockaddr*>(&far), sizeof(far)) != 0 ||
          ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        return false;
      }
      board_.floor_ports[leg] = ntohs(own.sin_port);
      sockets_.push_back(fd);
      phases_[(leg / board_.room_legs * kPhaseStep) % kPhases].push_back(fd);
    }
    return true;
  }

  void run() {
    tick_ = steady_ns() / kNsPerMs;
    while (!board_.ended.load(std::memory_order_relaxed)) step();
  }

 private:
  void step() {
    timespec wait{};
    const int64_t left = next_due() - steady_ns();
    if (left > 0) wait = {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    epoll_event events[kEventsMax];
    const int ready = ::epoll_pwait2(epoll_, events, kEventsMax, &wait, nullptr);
    for (int i = 0; i < ready; ++i) receive(events[i].data.u64);
    const int64_t tick = steady_ns() / kNsPerMs;
    if (tick - tick_ > 5 * kPhases) tick_ = tick - 1;  // stopped meanwhile
    while (tick_ < tick) send_phase(++tick_);
    const int64_t step = board_.forwards ? kForwardStepNs : kNsPerMs;
    if (ready > 0) rest_until((steady_ns() / step + 1) * step);
  }

  int64_t next_due() const {
    for (int64_t tick = tick_ + 1; tick < tick_ + kPhases; ++tick) {
      if (!phases_[tick % kPhases].empty()) return tick * kNsPerMs;
    }
    return (tick_ + kPhases) * kNsPerMs;
  }

  void receive(uint64_t leg) {
    char packet[2048];
    const ssize_t size = ::recv(sockets_[leg], packet, sizeof(packet), 0);
    if (size <= 0 || !board_.forwards) return;
    const uint64_t other = leg ^ 1;
    (void)!::send(sockets_[other], packet, static_cast<size_t>(size), MSG_DONTWAIT);
  }

  void send_phase(int64_t tick) {
    if (board_.forwards || board_.driven.load(std::memory_order_relaxed) != MediaBoard::Driven::Floor) return;
    const char packet[kPacketBytes] = {};
    for (const int fd : phases_[tick % kPhases]) (void)!::send(fd, packet, sizeof(packet), MSG_DONTWAIT);
  }

  MediaBoard& board_;
  int epoll_ = -1;
  std::vector<int> sockets_;
  std::vector<int> phases_[kPhases];
  int64_t tick_ = 0;
};

}  // namespace

int run_media_floor(MediaBoard& board) {
  ::prctl(PR_SET_TIMERSLACK, 1000UL);
  Floor floor(board);
  if (!floor.open()) return 1;
  board.ready.fetch_add(1);
  floor.run();
  return 0;
}

}  // namespace sotto::bench
