#include "media/leg_rtcp.h"

#include <algorithm>

namespace sotto::media {
namespace {

using namespace std::chrono_literals;
constexpr auto kInterval = 5s;
constexpr base::Duration kFrame = 20ms;
constexpr int kPacketsMax = 16;  // of one compound

// Any clock will do for a sender's reports, RFC 3550 §4; this one never jumps.
uint64_t ntp_at(base::TimePoint now) noexcept {
  return rtp::ntp_of(
      base::WallTime(std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch())));
}

}  // namespace

LegRtcp::LegRtcp(uint32_t ssrc, uint32_t clock_rate_hz) noexcept : ssrc_(ssrc), received_(clock_rate_hz) {}

void LegRtcp::on_datagram(std::span<const std::byte> datagram, base::TimePoint now) noexcept {
  rtp::RtcpReader reader(datagram);
  for (int i = 0; i < kPacketsMax; ++i) {
    const auto packet = reader.next();
    if (!packet) return;
    const auto* report = std::get_if<rtp::Report>(&*packet);
    if (report == nullptr) continue;
    if (report->sender) received_.on_sender_report(report->sender->ntp, now);
    for (const rtp::ReportBlock& block : std::span(report->blocks).first(report->block_count)) {
      if (block.ssrc != ssrc_) continue;
      reported_on_ = true;
      far_loss_ = static_cast<float>(block.fraction_lost) / 256.0F;
      if (const auto trip = rtp::round_trip(block, ntp_at(now))) round_trip_ = *trip;
    }
  }
}

size_t LegRtcp::step(const Sent& sent, std::string_view cname, base::TimePoint now,
                     std::span<std::byte> out) noexcept {
  // The first comes after a part of the interval that differs from leg to leg.
  if (due_ == base::TimePoint{}) due_ = now + (ssrc_ % 2500) * 1ms;
  if (now < due_) return 0;
  due_ = now + kInterval;
  rtp::RtcpToWrite report{.ssrc = ssrc_, .cname = cname};
  if (sent.packets > packets_reported_) {
    report.sender = rtp::SenderInfo{.ntp = ntp_at(now),
                                    .timestamp = sent.timestamp,
                                    .packets = static_cast<uint32_t>(sent.packets),
                                    .bytes = static_cast<uint32_t>(sent.bytes)};
  }
  packets_reported_ = sent.packets;
  if (received_.started()) report.block = received_.report(now);
  if (!report.sender && !report.block) return 0;
  return rtp::write_rtcp(report, out);
}

void LegRtcp::fill(LegStatistics& statistics, const Listening& listening) const noexcept {
  statistics.packets_lost = static_cast<uint64_t>(std::max<int64_t>(0, received_.lost()));
  statistics.jitter = std::chrono::duration_cast<std::chrono::microseconds>(received_.jitter());
  statistics.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(round_trip_);
  statistics.far_loss = far_loss_;
  rtp::Quality quality{.delay = round_trip_ / 2 + listening.buffered + kFrame,
                       .wideband = listening.wideband};
  if (statistics.packets_received > 0) {
    const auto missing = static_cast<double>(statistics.packets_lost + statistics.packets_late);
    const auto expected = static_cast<double>(statistics.packets_lost + statistics.packets_received);
    quality.loss = missing / expected;
    statistics.opinion = static_cast<float>(rtp::mean_opinion_score(quality));
  }
  if (!reported_on_) return;
  // Of the far end's buffer nothing is known; it is taken to be as long as ours.
  quality.loss = static_cast<double>(far_loss_);
  statistics.far_opinion = static_cast<float>(rtp::mean_opinion_score(quality));
}

}  // namespace sotto::media
