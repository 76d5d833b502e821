#include "rtp/packet.h"

namespace sotto::rtp {
namespace {

constexpr uint8_t kVersion = 2;
constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;
constexpr uint8_t kMarkerBit = 0x80;

}  // namespace

std::optional<Packet> parse_packet(base::ByteView datagram) noexcept {
  base::ByteReader reader(datagram);
  const uint8_t first = reader.u8();
  const uint8_t second = reader.u8();
  Packet packet;
  packet.header.marker = (second & kMarkerBit) != 0;
  packet.header.payload_type = second & 0x7F;
  packet.header.sequence_number = reader.u16();
  packet.header.timestamp = reader.u32();
  packet.header.ssrc = reader.u32();
  const size_t sources = first & 0x0F;
  reader.take(sources * 4);
  if ((first & kExtensionBit) != 0) {
    reader.u16();
    const size_t words = reader.u16();
    reader.take(words * 4);
  }
  if (reader.failed() || first >> 6 != kVersion) return std::nullopt;
  packet.payload = reader.rest();
  if ((first & kPaddingBit) == 0) return packet;
  if (packet.payload.empty()) return std::nullopt;
  const auto padding = std::to_integer<size_t>(packet.payload.back());
  if (padding == 0 || padding > packet.payload.size()) return std::nullopt;
  packet.payload = packet.payload.first(packet.payload.size() - padding);
  return packet;
}

bool write_header(const Header& header, std::span<std::byte> out) noexcept {
  base::ByteWriter writer(out);
  writer.u8(kVersion << 6);
  writer.u8(static_cast<uint8_t>((header.marker ? kMarkerBit : 0) | (header.payload_type & 0x7F)));
  writer.u16(header.sequence_number);
  writer.u32(header.timestamp);
  writer.u32(header.ssrc);
  return !writer.failed();
}

PacketKind classify(base::ByteView datagram) noexcept {
  if (datagram.size() < 2) return PacketKind::Unknown;
  const auto first = std::to_integer<uint8_t>(datagram[0]);
  if (first <= 3) return PacketKind::Stun;
  if (first >= 20 && first <= 63) return PacketKind::Dtls;
  if (first < 128 || first > 191) return PacketKind::Unknown;
  const auto second = std::to_integer<uint8_t>(datagram[1]);
  return second >= 192 && second <= 223 ? PacketKind::Rtcp : PacketKind::Rtp;
}

}  // namespace sotto::rtp
