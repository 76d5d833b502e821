#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"
#include "media/event.h"
#include "rtp/rtcp.h"
#include "rtp/statistics.h"

namespace sotto::media {

// A leg's RTCP: a report every five seconds while it sends or receives, and what the far end's reports say.
class LegRtcp {
 public:
  LegRtcp(uint32_t ssrc, uint32_t clock_rate_hz) noexcept;

  void on_rtp(const rtp::Header& header, size_t payload_bytes, base::TimePoint now) noexcept {
    received_.on_packet(header, payload_bytes, now);
  }
  void on_datagram(std::span<const std::byte> datagram, base::TimePoint now) noexcept;

  struct Sent {
    uint32_t timestamp = 0;  // of the next packet
    uint64_t packets = 0;
    uint64_t bytes = 0;
  };
  // Once a frame: the size of the report to send now, written to `out`; 0: none is due.
  size_t step(const Sent& sent, std::string_view cname, base::TimePoint now,
              std::span<std::byte> out) noexcept;

  // `buffered` is the jitter buffer's delay.
  struct Listening {
    base::Duration buffered{0};
    bool wideband = false;
  };
  void fill(LegStatistics& statistics, const Listening& listening) const noexcept;

 private:
  const uint32_t ssrc_;
  rtp::ReceiverStatistics received_;
  base::TimePoint due_{};
  uint64_t packets_reported_ = 0;
  base::Duration round_trip_{0};
  float far_loss_ = 0;
  bool reported_on_ = false;  // the far end has told what it receives
};

}  // namespace sotto::media
