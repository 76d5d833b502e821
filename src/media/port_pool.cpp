#include "media/port_pool.h"

#include <unistd.h>

#include "base/limits.h"

namespace sotto::media {
namespace {

Descriptor bind_udp(const SocketAddress& address) {
  Descriptor socket(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0 || ::bind(socket.get(), address.raw(), address.length()) != 0) return Descriptor();
  return socket;
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
  for (size_t tried = 0; tried < slots_.size(); ++tried) {
    const size_t index = next_;
    next_ = (next_ + 1) % slots_.size();
    if (slots_[index].used || now < slots_[index].rested) continue;
    PortPair pair;
    pair.port = static_cast<uint16_t>(first_ + 2 * index);
    pair.rtp = bind_udp(bind_to_.with_port(pair.port));
    pair.rtcp = bind_udp(bind_to_.with_port(static_cast<uint16_t>(pair.port + 1)));
    if (pair.rtp.get() < 0 || pair.rtcp.get() < 0) continue;
    slots_[index].used = true;
    return pair;
  }
  return fail(ErrorCode::Exhausted, "no free RTP port pair");
}

void PortPool::give_back(PortPair pair, base::TimePoint now) {
  Slot& slot = slots_[static_cast<size_t>(pair.port - first_) / 2];
  slot.used = false;
  slot.rested = now + base::limits::kRtpPortRest;
}

}  // namespace sotto::media
