#pragma once

#include <cstdint>

namespace sotto::rtp {

// Symmetric RTP: where a leg's packets come from is where ours go, whatever its description said. The first
// valid source is taken. Later another one is taken only if its packets are authenticated (SRTP), or once
// after rearm(), which a re-INVITE calls; all others are counted and dropped. Fit for a media turn. Address
// is compared with ==.
template <typename Address>
class Latch {
 public:
  enum class Verdict : uint8_t { Accept, AcceptAndFollow, Drop };
  enum class Trust : uint8_t { Plain, Authenticated };

  // Where to send until a source is known.
  explicit Latch(const Address& signalled) noexcept : target_(signalled) {}

  // For each packet that is valid RTP with a payload type that was agreed. AcceptAndFollow: target() has
  // changed.
  Verdict on_packet(const Address& source, Trust trust) noexcept {
    if (latched_ && source == source_) return Verdict::Accept;
    if (latched_ && trust != Trust::Authenticated) {
      ++dropped_;
      return Verdict::Drop;
    }
    latched_ = true;
    source_ = source;
    if (source == target_) return Verdict::Accept;
    target_ = source;
    return Verdict::AcceptAndFollow;
  }

  // A new description came. Until the next packet we send to its address.
  void rearm(const Address& signalled) noexcept {
    latched_ = false;
    target_ = signalled;
  }

  const Address& target() const noexcept { return target_; }
  bool latched() const noexcept { return latched_; }
  uint64_t dropped() const noexcept { return dropped_; }

 private:
  Address target_;
  Address source_{};
  bool latched_ = false;
  uint64_t dropped_ = 0;
};

}  // namespace sotto::rtp
