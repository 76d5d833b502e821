#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "base/bytes.h"

// RTP packets, RFC 3550 §5.1. Fit for a media turn.
namespace sotto::rtp {

inline constexpr size_t kHeaderBytes = 12;

struct Header {
  bool marker = false;
  uint8_t payload_type = 0;  // 0 to 127
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
};

struct Packet {
  Header header;
  base::ByteView payload;  // without contributing sources, extension and padding; into the datagram
};

// Nothing for what is no RTP packet of version 2 or contradicts its own length.
std::optional<Packet> parse_packet(base::ByteView datagram) noexcept;

// Writes the header alone, kHeaderBytes long; the payload goes behind it. False where `out` is too short.
bool write_header(const Header& header, std::span<std::byte> out) noexcept;

// What a datagram on a media port is, by its first byte (RFC 7983) and, between RTP and RTCP, its second (RFC
// 5761).
enum class PacketKind : uint8_t { Rtp, Rtcp, Stun, Dtls, Unknown };
PacketKind classify(base::ByteView datagram) noexcept;

// Continues a 16-bit or 32-bit counter beyond its width: the value nearest to the newest one seen.
template <typename Counter>
class Extender {
 public:
  // The extended value of `value`, which then counts as seen if it is the newest.
  int64_t extend(Counter value) noexcept {
    const int64_t extended = peek(value);
    if (!started_ || extended > newest_) newest_ = extended;
    started_ = true;
    return extended;
  }
  int64_t peek(Counter value) const noexcept {
    if (!started_) return int64_t{value};
    using Signed = std::make_signed_t<Counter>;
    return newest_ + static_cast<Signed>(static_cast<Counter>(value - static_cast<Counter>(newest_)));
  }
  int64_t newest() const noexcept { return newest_; }
  bool started() const noexcept { return started_; }
  void reset() noexcept { *this = Extender(); }

 private:
  int64_t newest_ = 0;
  bool started_ = false;
};

using SequenceExtender = Extender<uint16_t>;
using TimestampExtender = Extender<uint32_t>;

}  // namespace sotto::rtp
