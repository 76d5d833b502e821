#include "rtp/statistics.h"

#include <algorithm>
#include <cstdlib>

namespace sotto::rtp {
namespace {

constexpr uint64_t kNtpOf1970 = 2'208'988'800;
constexpr int64_t kLostMax = 0x7FFFFF;
constexpr int64_t kLostMin = -0x800000;

}  // namespace

uint64_t ntp_of(base::WallTime wall) noexcept {
  const auto us = static_cast<uint64_t>(wall.time_since_epoch().count());
  const uint64_t seconds = us / 1'000'000 + kNtpOf1970;
  return seconds << 32 | ((us % 1'000'000) << 32) / 1'000'000;
}

void ReceiverStatistics::on_packet(const Header& header, size_t payload_bytes, base::TimePoint now) noexcept {
  if (!started() || header.ssrc != ssrc_) {
    lost_earlier_ = lost();
    sequences_.reset();
    ssrc_ = header.ssrc;
    first_sequence_ = header.sequence_number;
    source_packets_ = 0;
    expected_reported_ = 0;
    received_reported_ = 0;
    last_transit_.reset();
    sender_report_ntp_.reset();
    epoch_ = now;
  }
  sequences_.extend(header.sequence_number);
  ++packets_;
  ++source_packets_;
  bytes_ += payload_bytes;
  const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(now - epoch_).count();
  const int64_t arrival = us * clock_rate_hz_ / 1'000'000;
  const int64_t transit = static_cast<int32_t>(static_cast<uint32_t>(arrival) - header.timestamp);
  if (last_transit_) {
    // RFC 3550 A.8, on 32 bits as the timestamps are.
    const int64_t step = std::abs(static_cast<int64_t>(static_cast<int32_t>(transit - *last_transit_)));
    jitter_16ths_ += step - ((jitter_16ths_ + 8) >> 4);
  }
  last_transit_ = transit;
}

void ReceiverStatistics::on_sender_report(uint64_t ntp, base::TimePoint now) noexcept {
  sender_report_ntp_ = ntp;
  sender_report_at_ = now;
}

int64_t ReceiverStatistics::lost() const noexcept {
  if (!started()) return lost_earlier_;
  const int64_t expected = sequences_.newest() - first_sequence_ + 1;
  return lost_earlier_ + expected - static_cast<int64_t>(source_packets_);
}

base::Duration ReceiverStatistics::jitter() const noexcept {
  return std::chrono::nanoseconds((jitter_16ths_ >> 4) * 1'000'000'000 / clock_rate_hz_);
}

ReportBlock ReceiverStatistics::report(base::TimePoint now) noexcept {
  ReportBlock block{.ssrc = ssrc_};
  if (!started()) return block;
  const auto expected =
      static_cast<uint64_t>(std::max<int64_t>(sequences_.newest() - first_sequence_ + 1, 0));
  const auto expected_now = static_cast<int64_t>(expected - expected_reported_);
  const auto received_now = static_cast<int64_t>(source_packets_ - received_reported_);
  expected_reported_ = expected;
  received_reported_ = source_packets_;
  const int64_t lost_now = expected_now - received_now;
  if (expected_now > 0 && lost_now > 0) {
    block.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_now * 256 / expected_now, 255));
  }
  block.packets_lost = static_cast<int32_t>(std::clamp(lost() - lost_earlier_, kLostMin, kLostMax));
  block.highest_sequence = static_cast<uint32_t>(sequences_.newest());
  block.jitter = static_cast<uint32_t>(jitter_16ths_ >> 4);
  if (sender_report_ntp_) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - sender_report_at_).count();
    block.last_sender_report = middle_of(*sender_report_ntp_);
    block.delay_since_it = static_cast<uint32_t>(us * 65'536 / 1'000'000);
  }
  return block;
}

std::optional<base::Duration> round_trip(const ReportBlock& block, uint64_t ntp_now) noexcept {
  if (block.last_sender_report == 0) return std::nullopt;
  const uint32_t elapsed = middle_of(ntp_now) - block.last_sender_report - block.delay_since_it;
  // Clocks that tick differently can bring it just below nothing.
  if (elapsed > 0x80000000U) return base::Duration::zero();
  return std::chrono::nanoseconds(int64_t{elapsed} * 1'000'000'000 / 65'536);
}

double mean_opinion_score(const Quality& quality) noexcept {
  constexpr double kBase = 93.2;          // G.107's default R
  constexpr double kRobustness = 25.1;    // Bpl of G.711 with concealment
  constexpr double kWidebandBonus = 4.0;  // on the narrow-band scale
  const double delay_ms = std::chrono::duration<double, std::milli>(quality.delay).count();
  const double percent = std::clamp(quality.loss, 0.0, 1.0) * 100.0;
  const double delay_harm = 0.024 * delay_ms + (delay_ms > 177.3 ? 0.11 * (delay_ms - 177.3) : 0.0);
  const double loss_harm = 95.0 * percent / (percent + kRobustness);
  const double r =
      std::clamp(kBase - delay_harm - loss_harm + (quality.wideband ? kWidebandBonus : 0.0), 0.0, 100.0);
  const double score = 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6;
  return std::clamp(score, 1.0, 4.5);
}

}  // namespace sotto::rtp
