#pragma once

#include <cstdint>
#include <span>

#include "rtp/packet.h"
#include "rtp/replay_window.h"
#include "rtp/srtp_transform.h"

namespace sotto::rtp {

// One direction of one source, RFC 3711. Made off the media thread, for it allocates; protect and unprotect
// do not and are fit for a turn. After a change of keys or source there is a new one.
class SrtpStream {
 public:
  static constexpr size_t kTrailerBytesMax = 32;  // what protect() may add
  enum class Outcome : uint8_t { Done, WrongSource, Replayed, Forged };

  static Result<SrtpStream> create(const SrtpKey& key, uint32_t ssrc);

  // In place. `bytes` is the packet's length before and after; `buffer` has kTrailerBytesMax more room than
  // that. Replayed: the packet's number was used already, or is far behind, and would give its key stream
  // away.
  Outcome protect_rtp(std::span<std::byte> buffer, size_t& bytes) noexcept;
  Outcome protect_rtcp(std::span<std::byte> buffer, size_t& bytes) noexcept;
  // What is not Done leaves a packet of no use.
  Outcome unprotect_rtp(std::span<std::byte> packet, size_t& bytes) noexcept;
  Outcome unprotect_rtcp(std::span<std::byte> packet, size_t& bytes) noexcept;

 private:
  SrtpStream(uint32_t ssrc, SrtpTransform rtp, SrtpTransform rtcp)
      : ssrc_(ssrc), rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}

  uint32_t ssrc_;
  SrtpTransform rtp_;
  SequenceExtender sequences_;  // its upper bits are the roll-over count
  ReplayWindow rtp_seen_;
  SrtpTransform rtcp_;
  ReplayWindow rtcp_seen_;
  uint32_t rtcp_next_ = 1;
};

}  // namespace sotto::rtp
