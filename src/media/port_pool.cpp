#include "media/port_pool.h"

#include <cerrno>

#include <unistd.h>

#include "base/limits.h"

namespace sotto::media {
namespace {

constexpr auto kIdleMax = std::chrono::seconds(10);  // after its rest
constexpr int kClosedAtOnce = 4;

Descriptor bind_udp(const SocketAddress& address) {
  Descriptor socket(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0 || ::bind(socket.get(), address.raw(), address.length()) != 0) return Descriptor();
  return socket;
}

bool is_silent(int socket) {
  std::byte first{};
  const auto look = [&] { return ::recv(socket, &first, sizeof(first), MSG_DONTWAIT); };
  ssize_t got = look();
  // Told once, and not a packet: the far end had closed its port when our last packet came.
  if (got < 0 && errno == ECONNREFUSED) got = look();
  return got < 0 && errno == EAGAIN;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<PortPool> PortPool::create(const SocketAddress& bind_to, uint16_t port_min, uint16_t port_max) {
  const uint32_t first = (uint32_t{port_min} + 1) / 2 * 2;
  if (first == 0 || first + 1 > port_max)
    return fail(ErrorCode::Invalid, "port range holds no even port and the next");
  return PortPool(bind_to, static_cast<uint16_t>(first), (port_max + 1U - first) / 2);
}

Result<PortPair> PortPool::take(base::TimePoint now) {
  close_idle(now);
  while (!resting_.empty() && resting_.front().until <= now) {
    const PortPair& rested = resting_.front().pair;
    if (is_silent(rested.rtp.get()) && is_silent(rested.rtcp.get())) {
      PortPair pair = std::move(resting_.front().pair);
      resting_.pop_front();
      connect_udp(pair.rtp.get(), SocketAddress());
      return pair;
    }
    close_first(now + base::limits::kRtpPortRest);
  }
  return bind_next(now);
}

void PortPool::give_back(PortPair pair, base::TimePoint now) {
  resting_.push_back({.pair = std::move(pair), .until = now + base::limits::kRtpSocketRest});
}

void PortPool::close_first(base::TimePoint free_from) {
  free_from_[static_cast<size_t>(resting_.front().pair.port - first_) / 2] = free_from;
  resting_.pop_front();
}

// Few at once: what a burst has left goes little by little.
void PortPool::close_idle(base::TimePoint now) {
  for (int closed = 0; closed < kClosedAtOnce; ++closed) {
    if (resting_.empty() || now - resting_.front().until < kIdleMax) return;
    close_first(now);
  }
}

Result<PortPair> PortPool::bind_next(base::TimePoint now) {
  for (size_t tried = 0; tried < free_from_.size(); ++tried) {
    const size_t index = next_;
    next_ = (next_ + 1) % free_from_.size();
    if (now < free_from_[index]) continue;
    PortPair pair;
    pair.port = static_cast<uint16_t>(first_ + 2 * index);
    pair.rtp = bind_udp(bind_to_.with_port(pair.port));
    pair.rtcp = bind_udp(bind_to_.with_port(static_cast<uint16_t>(pair.port + 1)));
    if (pair.rtp.get() < 0 || pair.rtcp.get() < 0) {
      if (errno != EMFILE && errno != ENFILE) continue;
      return fail(ErrorCode::Exhausted,
                  "no more files may be open (ulimit -n, LimitNOFILE): a leg takes two");
    }
    free_from_[index] = base::TimePoint::max();
    return pair;
  }
  return fail(ErrorCode::Exhausted, "no free RTP port pair");
}

}  // namespace sotto::media
