#include "bench/http_load.h"

#include <algorithm>
#include <array>
#include <vector>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/http_line.h"
#include "bench/loopback.h"

namespace sotto::bench {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kEvents = 256;
constexpr int kWaitMs = 100;

struct Line {
  int socket = -1;
  SteadyTime sent;
  std::string received;
};

class Load {
 public:
  explicit Load(const HttpLoadOptions& options) : options_(options), poll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Load() {
    for (const Line& line : lines_) ::close(line.socket);
    ::close(poll_);
  }

  HttpLoadResult run() {
    lines_.resize(options_.connections);
    for (size_t i = 0; i < lines_.size(); ++i) open(i);
    begins_ = std::chrono::steady_clock::now() + options_.warm_up;
    const SteadyTime ends = begins_ + options_.window;
    SteadyTime now{};
    std::array<epoll_event, kEvents> events{};
    while ((now = std::chrono::steady_clock::now()) < ends) {
      const int count = ::epoll_wait(poll_, events.data(), kEvents, kWaitMs);
      for (int i = 0; i < count; ++i) read(events[static_cast<size_t>(i)].data.u64);
    }
    result_.seconds = std::chrono::duration<double>(now - begins_).count();
    return summed_up();
  }

 private:
  void open(size_t index) {
    Line& line = lines_[index];
    line.received.clear();
    line.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(options_.port);
    const int on = 1;
    ::setsockopt(line.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(line.socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ++result_.failed;
      return;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, line.socket, &event);
    send(line);
  }

  void send(Line& line) {
    line.sent = std::chrono::steady_clock::now();
    const ssize_t sent = ::send(line.socket, options_.request.data(), options_.request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(options_.request.size())) ++result_.failed;
  }

  void read(size_t index) {
    Line& line = lines_[index];
    char bytes[4096];
    const ssize_t got = ::recv(line.socket, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      ++result_.failed;
      ::close(line.socket);
      open(index);
      return;
    }
    line.received.append(bytes, static_cast<size_t>(got));
    const size_t size = answer_size(line.received);
    if (size == 0 || line.received.size() < size) return;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= begins_) {
      times_us_.push_back(static_cast<uint32_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(now - line.sent).count()));
      if (!line.received.starts_with("HTTP/1.1 200 ")) ++result_.failed;
    }
    line.received.clear();
    send(line);
  }

  HttpLoadResult summed_up() {
    result_.answered = times_us_.size();
    std::sort(times_us_.begin(), times_us_.end());
    const auto at = [this](double part) {
      const auto index = static_cast<size_t>(part * static_cast<double>(times_us_.size() - 1));
      return times_us_.empty() ? 0.0 : times_us_[index] / 1000.0;
    };
    result_.p50_ms = at(0.5);
    result_.p99_ms = at(0.99);
    result_.max_ms = at(1);
    return result_;
  }

  const HttpLoadOptions& options_;
  const int poll_;
  std::vector<Line> lines_;
  std::vector<uint32_t> times_us_;
  SteadyTime begins_;
  HttpLoadResult result_;
};

}  // namespace

HttpLoadResult run_http_load(const HttpLoadOptions& options) {
  return Load(options).run();
}

}  // namespace sotto::bench
