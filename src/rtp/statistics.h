#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "rtp/packet.h"

// What a stream's receiver counts, RFC 3550 §6.4 and appendix A, and what it means for a listener. Fit for a
// media turn.
namespace sotto::rtp {

// One block of a sender's or receiver's report.
struct ReportBlock {
  uint32_t ssrc = 0;          // the stream reported on
  uint8_t fraction_lost = 0;  // of 256, since the last report
  int32_t packets_lost = 0;   // 24 bits, signed
  uint32_t highest_sequence = 0;
  uint32_t jitter = 0;              // in ticks
  uint32_t last_sender_report = 0;  // the middle of its NTP time; 0: none came
  uint32_t delay_since_it = 0;      // in 1/65536 s
};

// Seconds since 1900 in 32.32 bits.
uint64_t ntp_of(base::WallTime wall) noexcept;
inline uint32_t middle_of(uint64_t ntp) noexcept {
  return static_cast<uint32_t>(ntp >> 16);
}

class ReceiverStatistics {
 public:
  explicit ReceiverStatistics(uint32_t clock_rate_hz) noexcept : clock_rate_hz_(clock_rate_hz) {}

  void on_packet(const Header& header, size_t payload_bytes, base::TimePoint now) noexcept;
  void on_sender_report(uint64_t ntp, base::TimePoint now) noexcept;
  // Begins a new interval for the fraction. `now` dates the last sender report.
  ReportBlock report(base::TimePoint now) noexcept;

  uint64_t packets() const noexcept { return packets_; }
  uint64_t bytes() const noexcept { return bytes_; }
  int64_t lost() const noexcept;
  base::Duration jitter() const noexcept;
  uint32_t ssrc() const noexcept { return ssrc_; }
  bool started() const noexcept { return sequences_.started(); }

 private:
  const uint32_t clock_rate_hz_;
  uint32_t ssrc_ = 0;
  SequenceExtender sequences_;
  int64_t first_sequence_ = 0;
  uint64_t packets_ = 0;         // of all sources
  uint64_t source_packets_ = 0;  // of this one
  int64_t lost_earlier_ = 0;     // by the sources before it
  uint64_t bytes_ = 0;
  std::optional<int64_t> last_transit_;
  int64_t jitter_16ths_ = 0;
  base::TimePoint epoch_{};
  uint64_t expected_reported_ = 0;
  uint64_t received_reported_ = 0;
  std::optional<uint64_t> sender_report_ntp_;
  base::TimePoint sender_report_at_{};
};

// From a report about our own stream that came now; nothing when it answers no report of ours.
std::optional<base::Duration> round_trip(const ReportBlock& block, uint64_t ntp_now) noexcept;

struct Quality {
  double loss = 0.0;       // share of packets lost or late, 0 to 1
  base::Duration delay{};  // one way: half the round trip, jitter buffer, one frame
  bool wideband = false;   // G.722 and Opus lose less to coding
};

// Mean opinion score by the E-model, ITU-T G.107 with G.113's figures for G.711 with concealment: 1.0 to 4.5.
double mean_opinion_score(const Quality& quality) noexcept;

}  // namespace sotto::rtp
