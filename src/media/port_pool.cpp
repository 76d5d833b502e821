#include "media/port_pool.h"

#include <cerrno>

#include <unistd.h>

#include "base/limits.h"

namespace sotto::media {
namespace {

constexpr auto kIdleMax = std::chrono::seconds(10);  // after its rest
constexpr int kClosedAtOnce = 4;
constexpr int kTakenMax = 1024;  // more than a socket's buffer holds

Descriptor bind_udp(const SocketAddress& address) {
  Descriptor socket(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0 || ::bind(socket.get(), address.raw(), address.length()) != 0) return Descriptor();
  return socket;
}

// Throws away what has come. True if nothing had.
bool empty(int socket) {
  bool silent = true;
  for (int taken = 0; taken < kTakenMax; ++taken) {
    std::byte first{};
    if (::recv(socket, &first, sizeof(first), MSG_DONTWAIT) >= 0) {
      silent = false;
    } else if (errno == EAGAIN) {
      return silent;
    }
  }
  return false;
}

void disconnect(int socket) {
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  [[maybe_unused]] const int never_fails = ::connect(socket, &nobody, sizeof(nobody));
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
    Resting resting = std::move(resting_.front());
    resting_.pop_front();
    if (has_rested(resting, now)) return std::move(resting.pair);
    resting.until = now + base::limits::kRtpPortRest;
    resting_.push_back(std::move(resting));
  }
  return bind_next();
}

void PortPool::give_back(PortPair pair, base::TimePoint now) {
  resting_.push_back({.pair = std::move(pair), .since = now, .until = now + base::limits::kRtpPortRest});
}

bool PortPool::has_rested(const Resting& resting, base::TimePoint now) {
  const bool rtp_silent = empty(resting.pair.rtp.get());
  const bool rtcp_silent = empty(resting.pair.rtcp.get());
  disconnect(resting.pair.rtp.get());
  return (rtp_silent && rtcp_silent) || now - resting.since >= base::limits::kRtpPortRestMax;
}

// Few at once: what a burst has left goes little by little.
void PortPool::close_idle(base::TimePoint now) {
  for (int closed = 0; closed < kClosedAtOnce; ++closed) {
    if (resting_.empty() || now - resting_.front().until < kIdleMax) return;
    held_[static_cast<size_t>(resting_.front().pair.port - first_) / 2] = false;
    resting_.pop_front();
  }
}

Result<PortPair> PortPool::bind_next() {
  for (size_t tried = 0; tried < held_.size(); ++tried) {
    const size_t index = next_;
    next_ = (next_ + 1) % held_.size();
    if (held_[index]) continue;
    PortPair pair;
    pair.port = static_cast<uint16_t>(first_ + 2 * index);
    pair.rtp = bind_udp(bind_to_.with_port(pair.port));
    pair.rtcp = bind_udp(bind_to_.with_port(static_cast<uint16_t>(pair.port + 1)));
    if (pair.rtp.get() < 0 || pair.rtcp.get() < 0) {
      if (errno != EMFILE && errno != ENFILE) continue;
      return fail(ErrorCode::Exhausted,
                  "no more files may be open (ulimit -n, LimitNOFILE): a leg takes two");
    }
    held_[index] = true;
    return pair;
  }
  return fail(ErrorCode::Exhausted, "no free RTP port pair");
}

}  // namespace sotto::media
