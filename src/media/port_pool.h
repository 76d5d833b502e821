#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "media/address.h"

namespace sotto::media {

// A file descriptor's owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

// An RTP socket on an even port and its RTCP socket on the next.
struct PortPair {
  Descriptor rtp;
  Descriptor rtcp;
  uint16_t port = 0;  // of the RTP socket
};

// UDP port pairs of a range. A pair that was given back rests with its sockets open, and is taken again if
// nobody has sent to them meanwhile. Otherwise they are closed and the pair rests for longer: late packets of
// the last call find nobody. Control thread.
class PortPool {
 public:
  // Invalid: the range has no even port with its neighbour.
  static Result<PortPool> create(const SocketAddress& bind_to, uint16_t port_min, uint16_t port_max);

  // Exhausted: every pair is in use, rests, or belongs to another process.
  Result<PortPair> take(base::TimePoint now);
  void give_back(PortPair pair, base::TimePoint now);

 private:
  struct Resting {
    PortPair pair;
    base::TimePoint until;
  };
  PortPool(const SocketAddress& bind_to, uint16_t first, size_t pairs)
      : bind_to_(bind_to), first_(first), free_from_(pairs) {}
  void close_first(base::TimePoint free_from);
  void close_idle(base::TimePoint now);
  Result<PortPair> bind_next(base::TimePoint now);

  SocketAddress bind_to_;
  uint16_t first_;
  std::vector<base::TimePoint> free_from_;  // max(): its sockets are open, in use or resting
  size_t next_ = 0;
  std::deque<Resting> resting_;  // by `until`
};

}  // namespace sotto::media
