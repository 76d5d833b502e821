#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "rtp/statistics.h"

// RTCP packets, RFC 3550 §6. Fit for a media turn.
namespace sotto::rtp {

struct SenderInfo {
  uint64_t ntp = 0;
  uint32_t timestamp = 0;  // of RTP, at that time
  uint32_t packets = 0;
  uint32_t bytes = 0;
};

// SR where `sender` is set, else RR.
struct Report {
  static constexpr size_t kBlocksMax = 31;
  uint32_t ssrc = 0;
  std::optional<SenderInfo> sender;
  std::array<ReportBlock, kBlocksMax> blocks;
  size_t block_count = 0;
};

struct Description {  // the first chunk of an SDES
  uint32_t ssrc = 0;
  std::string_view cname;  // into the datagram
};

struct Bye {
  uint32_t ssrc = 0;  // the first named
};

struct OtherRtcp {
  uint8_t packet_type = 0;
};

using RtcpPacket = std::variant<Report, Description, Bye, OtherRtcp>;

// Goes through a compound packet. What contradicts its length ends it.
class RtcpReader {
 public:
  explicit RtcpReader(base::ByteView datagram) noexcept : left_(datagram) {}
  std::optional<RtcpPacket> next() noexcept;

 private:
  base::ByteView left_;
};

inline constexpr size_t kRtcpBytesMax = 512;

// A compound packet: SR or RR with at most one block, SDES with `cname` (at most 255 bytes), and BYE on
// request.
enum class Goodbye : uint8_t { No, Yes };
struct RtcpToWrite {
  uint32_t ssrc = 0;
  std::optional<SenderInfo> sender;
  std::optional<ReportBlock> block;
  std::string_view cname;
  Goodbye goodbye = Goodbye::No;
};
// The bytes written; 0 where `out` is too short.
size_t write_rtcp(const RtcpToWrite& packet, std::span<std::byte> out) noexcept;

}  // namespace sotto::rtp
