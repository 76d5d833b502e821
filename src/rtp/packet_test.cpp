#include "rtp/packet.h"

#include <vector>

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

base::Bytes bytes_of(std::initializer_list<int> values) {
  base::Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(Packet, AHeaderSurvivesARoundTrip) {
  const Header header{
      .marker = true, .payload_type = 101, .sequence_number = 0xFFFE, .timestamp = 0xDEADBEEF, .ssrc = 7};
  std::vector<std::byte> datagram(kHeaderBytes + 3);
  ASSERT_TRUE(write_header(header, datagram));
  const auto packet = parse_packet(datagram);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->header.marker);
  EXPECT_EQ(packet->header.payload_type, 101);
  EXPECT_EQ(packet->header.sequence_number, 0xFFFE);
  EXPECT_EQ(packet->header.timestamp, 0xDEADBEEF);
  EXPECT_EQ(packet->header.ssrc, 7U);
  EXPECT_EQ(packet->payload.size(), 3U);
  EXPECT_FALSE(write_header(header, std::span(datagram).first(11)));
}

TEST(Packet, SourcesExtensionAndPaddingAreTakenOff) {
  const base::Bytes datagram = bytes_of({0xB1, 0x00, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9,  // one source
                                         0xBE, 0xDE, 0, 1, 1, 2, 3, 4,                          // extension
                                         0x55, 0x66, 0, 2});  // two of padding
  const auto packet = parse_packet(datagram);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->header.ssrc, 3U);
  ASSERT_EQ(packet->payload.size(), 2U);
  EXPECT_EQ(packet->payload[1], std::byte{0x66});
}

TEST(Packet, WhatContradictsItsLengthIsRefused) {
  EXPECT_FALSE(parse_packet({}));
  EXPECT_FALSE(parse_packet(bytes_of({0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0})));
  EXPECT_FALSE(parse_packet(bytes_of({0x40, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})));     // version 1
  EXPECT_FALSE(parse_packet(bytes_of({0x81, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1})));  // source missing
  EXPECT_FALSE(
      parse_packet(bytes_of({0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 0, 9})));  // extension too long
  EXPECT_FALSE(parse_packet(bytes_of({0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})));     // padding without a byte
  EXPECT_FALSE(parse_packet(bytes_of({0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 5})));  // padding too long
  EXPECT_FALSE(parse_packet(bytes_of({0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0})));  // padding of nothing
}

TEST(Packet, KindsAreToldApartByTheFirstBytes) {
  EXPECT_EQ(classify(bytes_of({0x80, 0x00})), PacketKind::Rtp);
  EXPECT_EQ(classify(bytes_of({0x80, 0xE5})), PacketKind::Rtp);  // marker and payload type 101
  EXPECT_EQ(classify(bytes_of({0x80, 200})), PacketKind::Rtcp);
  EXPECT_EQ(classify(bytes_of({0x81, 206})), PacketKind::Rtcp);
  EXPECT_EQ(classify(bytes_of({0x00, 0x01})), PacketKind::Stun);
  EXPECT_EQ(classify(bytes_of({22, 0xFE})), PacketKind::Dtls);
  EXPECT_EQ(classify(bytes_of({64, 0})), PacketKind::Unknown);
  EXPECT_EQ(classify(bytes_of({0x80})), PacketKind::Unknown);
}

TEST(Extender, CountsOnOverTheEdgeAndBack) {
  SequenceExtender extender;
  EXPECT_EQ(extender.extend(65'534), 65'534);
  EXPECT_EQ(extender.extend(1), 65'537);
  EXPECT_EQ(extender.extend(65'535), 65'535);
  EXPECT_EQ(extender.newest(), 65'537);
  EXPECT_EQ(extender.extend(2), 65'538);
  TimestampExtender timestamps;
  EXPECT_EQ(timestamps.extend(0xFFFFFFF0U), 0xFFFFFFF0LL);
  EXPECT_EQ(timestamps.extend(0x10U), 0x100000010LL);
}

}  // namespace
}  // namespace sotto::rtp
