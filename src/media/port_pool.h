#pragma once

#include <cstdint>
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

// Binds UDP port pairs from a range, in turn. A pair that was given back rests before it is used again, so
// that late packets of the last call find nobody. Control thread.
class PortPool {
 public:
  // Invalid: the range has no even port with its neighbour.
  static Result<PortPool> create(const SocketAddress& bind_to, uint16_t port_min, uint16_t port_max);

  // Exhausted: every pair is in use, rests, or belongs to another process.
  Result<PortPair> take(base::TimePoint now);
  void give_back(PortPair pair, base::TimePoint now);

 private:
  struct Slot {
    bool used = false;
    base::TimePoint rested{};
  };
  PortPool(const SocketAddress& bind_to, uint16_t first, size_t pairs)
      : bind_to_(bind_to), first_(first), slots_(pairs) {}

  SocketAddress bind_to_;
  uint16_t first_;
  std::vector<Slot> slots_;
  size_t next_ = 0;
};

}  // namespace sotto::media
