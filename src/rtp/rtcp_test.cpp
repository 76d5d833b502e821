#include "rtp/rtcp.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

using namespace std::chrono_literals;

double ms(base::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

TEST(Rtcp, ACompoundPacketSurvivesARoundTrip) {
  std::vector<std::byte> out(kRtcpBytesMax);
  const RtcpToWrite packet{.ssrc = 7,
                           .sender = SenderInfo{0x0123456789ABCDEF, 160, 3, 480},
                           .block = ReportBlock{9, 64, -3, 70'000, 12, 0x1111, 0x2222},
                           .cname = "a@host",
                           .goodbye = Goodbye::Yes};
  out.resize(write_rtcp(packet, out));
  EXPECT_EQ(out.size() % 4, 0U);
  RtcpReader reader(out);
  const auto report = std::get<Report>(*reader.next());
  EXPECT_EQ(report.ssrc, 7U);
  EXPECT_EQ(report.sender->ntp, 0x0123456789ABCDEFU);
  EXPECT_EQ(report.sender->bytes, 480U);
  ASSERT_EQ(report.block_count, 1U);
  EXPECT_EQ(report.blocks[0].packets_lost, -3);
  EXPECT_EQ(report.blocks[0].highest_sequence, 70'000U);
  EXPECT_EQ(report.blocks[0].delay_since_it, 0x2222U);
  EXPECT_EQ(std::get<Description>(*reader.next()).cname, "a@host");
  EXPECT_EQ(std::get<Bye>(*reader.next()).ssrc, 7U);
  EXPECT_FALSE(reader.next());
}

TEST(Rtcp, CnamesOfEveryLengthArePadded) {
  for (size_t length = 0; length < 12; ++length) {
    std::vector<std::byte> out(kRtcpBytesMax);
    const std::string cname(length, 'x');
    out.resize(write_rtcp({.ssrc = 1, .cname = cname}, out));
    RtcpReader reader(out);
    EXPECT_FALSE(std::get<Report>(*reader.next()).sender);
    EXPECT_EQ(std::get<Description>(*reader.next()).cname, cname);
    EXPECT_FALSE(reader.next());
  }
  std::vector<std::byte> small(20);
  EXPECT_EQ(write_rtcp({.ssrc = 1, .cname = "abcdefghijklm"}, small), 0U);
}

TEST(Rtcp, WhatContradictsItsLengthEndsThePacket) {
  std::vector<std::byte> out(kRtcpBytesMax);
  out.resize(write_rtcp({.ssrc = 1, .block = ReportBlock{}, .cname = "c"}, out));
  for (size_t length = 0; length < out.size(); ++length) {
    RtcpReader reader(base::ByteView(out).first(length));
    int packets = 0;
    while (reader.next()) ++packets;
    EXPECT_LE(packets, 1);
  }
  out[0] = std::byte{0x9F};  // says 31 blocks
  EXPECT_FALSE(RtcpReader(out).next());
}

TEST(Statistics, LossAndItsFractionPerInterval) {
  ReceiverStatistics statistics(8'000);
  base::TimePoint now{1s};
  for (uint16_t i = 0; i < 100; ++i, now += 20ms) {
    if (i % 4 == 1) continue;
    statistics.on_packet(
        {.sequence_number = static_cast<uint16_t>(65'500 + i), .timestamp = i * 160U, .ssrc = 5}, 160, now);
  }
  EXPECT_EQ(statistics.lost(), 25);
  const ReportBlock block = statistics.report(now);
  EXPECT_EQ(block.fraction_lost, 64);
  EXPECT_EQ(block.packets_lost, 25);
  EXPECT_EQ(block.highest_sequence, 65'599U);
  EXPECT_EQ(statistics.jitter(), 0ns);
  EXPECT_EQ(statistics.report(now).fraction_lost, 0);
  statistics.on_packet({.sequence_number = 9, .timestamp = 0, .ssrc = 6}, 160, now);
  EXPECT_EQ(statistics.lost(), 25);
  EXPECT_EQ(statistics.packets(), 76U);
}

TEST(Statistics, JitterFollowsTheRfcsFilter) {
  ReceiverStatistics statistics(8'000);
  base::TimePoint now{1s};
  for (uint16_t i = 0; i < 400; ++i, now += 20ms) {
    const auto at = now + (i % 2 == 0 ? 0ms : 10ms);
    statistics.on_packet({.sequence_number = i, .timestamp = 0xFFFFF000U + i * 160U, .ssrc = 5}, 160, at);
  }
  EXPECT_NEAR(ms(statistics.jitter()), 10.0, 1.0);
}

TEST(Statistics, RoundTripByReports) {
  const base::WallTime wall{std::chrono::seconds(1'800'000'000)};
  ReceiverStatistics statistics(8'000);
  statistics.on_packet({.ssrc = 5}, 160, base::TimePoint{1s});
  statistics.on_sender_report(ntp_of(wall), base::TimePoint{1s});
  const ReportBlock block = statistics.report(base::TimePoint{3s});
  const auto trip = round_trip(block, ntp_of(wall + 2s + 80ms));
  ASSERT_TRUE(trip);
  EXPECT_NEAR(ms(*trip), 80.0, 0.1);
  EXPECT_EQ(round_trip(block, ntp_of(wall + 1s)), base::Duration::zero());
  EXPECT_FALSE(round_trip({}, ntp_of(wall)));
}

TEST(Statistics, OpinionFallsWithLossAndDelay) {
  EXPECT_NEAR(mean_opinion_score({}), 4.41, 0.02);
  EXPECT_NEAR(mean_opinion_score({.loss = 0.05, .delay = 100ms}), 3.8, 0.3);
  EXPECT_NEAR(mean_opinion_score({.loss = 0.2}), 2.63, 0.02);  // R = 93.2 - 95 * 20 / 45.1
  EXPECT_LT(mean_opinion_score({.delay = 500ms}), 3.2);
  EXPECT_GE(mean_opinion_score({.loss = 1.0, .delay = 2s}), 1.0);
}

}  // namespace
}  // namespace sotto::rtp
