#include "rtp/rtcp.h"

#include <algorithm>

namespace sotto::rtp {
namespace {

constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kDescription = 202;
constexpr uint8_t kBye = 203;
constexpr uint8_t kCname = 1;
constexpr size_t kHeadBytes = 4;

int32_t sign_extended(uint32_t bits24) {
  return static_cast<int32_t>(bits24 << 8) >> 8;
}

ReportBlock read_block(base::ByteReader& reader) {
  ReportBlock block;
  block.ssrc = reader.u32();
  block.fraction_lost = reader.u8();
  block.packets_lost = sign_extended(reader.u24());
  block.highest_sequence = reader.u32();
  block.jitter = reader.u32();
  block.last_sender_report = reader.u32();
  block.delay_since_it = reader.u32();
  return block;
}

std::optional<RtcpPacket> read_report(base::ByteReader reader, size_t count, bool sender) {
  Report report;
  report.ssrc = reader.u32();
  if (sender) {
    SenderInfo info;
    info.ntp = reader.u64();
    info.timestamp = reader.u32();
    info.packets = reader.u32();
    info.bytes = reader.u32();
    report.sender = info;
  }
  for (size_t i = 0; i < count; ++i) report.blocks[report.block_count++] = read_block(reader);
  if (reader.failed()) return std::nullopt;
  return report;
}

std::optional<RtcpPacket> read_description(base::ByteReader reader, size_t count) {
  Description description;
  if (count == 0) return description;
  description.ssrc = reader.u32();
  while (!reader.failed() && reader.left() > 0) {
    const uint8_t item = reader.u8();
    if (item == 0) break;
    const base::ByteView text = reader.take(reader.u8());
    if (item == kCname) description.cname = base::as_text(text);
  }
  if (reader.failed()) return std::nullopt;
  return description;
}

void write_head(base::ByteWriter& writer, size_t count, uint8_t type, size_t bytes) {
  writer.u8(static_cast<uint8_t>(0x80 | count));
  writer.u8(type);
  writer.u16(static_cast<uint16_t>(bytes / 4 - 1));
}

void write_report(base::ByteWriter& writer, const RtcpToWrite& packet) {
  constexpr size_t kSenderBytes = 20;
  constexpr size_t kBlockBytes = 24;
  const size_t bytes = kHeadBytes + 4 + (packet.sender ? kSenderBytes : 0) + (packet.block ? kBlockBytes : 0);
  write_head(writer, packet.block ? 1 : 0, packet.sender ? kSenderReport : kReceiverReport, bytes);
  writer.u32(packet.ssrc);
  if (packet.sender) {
    writer.u64(packet.sender->ntp);
    writer.u32(packet.sender->timestamp);
    writer.u32(packet.sender->packets);
    writer.u32(packet.sender->bytes);
  }
  if (!packet.block) return;
  writer.u32(packet.block->ssrc);
  writer.u8(packet.block->fraction_lost);
  writer.u24(static_cast<uint32_t>(packet.block->packets_lost) & 0xFFFFFF);
  writer.u32(packet.block->highest_sequence);
  writer.u32(packet.block->jitter);
  writer.u32(packet.block->last_sender_report);
  writer.u32(packet.block->delay_since_it);
}

void write_description(base::ByteWriter& writer, uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  const size_t chunk = 4 + 2 + cname.size();
  const size_t padding = 4 - chunk % 4;  // at least the one that ends the list
  write_head(writer, 1, kDescription, kHeadBytes + chunk + padding);
  writer.u32(ssrc);
  writer.u8(kCname);
  writer.u8(static_cast<uint8_t>(cname.size()));
  writer.put(base::as_bytes(cname));
  for (size_t i = 0; i < padding; ++i) writer.u8(0);
}

}  // namespace

std::optional<RtcpPacket> RtcpReader::next() noexcept {
  base::ByteReader reader(left_);
  const uint8_t first = reader.u8();
  const uint8_t type = reader.u8();
  const size_t bytes = size_t{reader.u16()} * 4;
  base::ByteReader body(reader.take(bytes));
  left_ = reader.rest();
  if (reader.failed() || first >> 6 != 2) {
    left_ = {};
    return std::nullopt;
  }
  const size_t count = first & 0x1F;
  std::optional<RtcpPacket> packet;
  switch (type) {
    case kSenderReport: packet = read_report(body, count, true); break;
    case kReceiverReport: packet = read_report(body, count, false); break;
    case kDescription: packet = read_description(body, count); break;
    case kBye:
      packet = Bye{body.u32()};
      if (body.failed()) packet = count == 0 ? std::optional<RtcpPacket>(Bye{}) : std::nullopt;
      break;
    default: packet = OtherRtcp{type}; break;
  }
  if (!packet) left_ = {};
  return packet;
}

size_t write_rtcp(const RtcpToWrite& packet, std::span<std::byte> out) noexcept {
  base::ByteWriter writer(out);
  write_report(writer, packet);
  write_description(writer, packet.ssrc, packet.cname);
  if (packet.goodbye == Goodbye::Yes) {
    write_head(writer, 1, kBye, kHeadBytes + 4);
    writer.u32(packet.ssrc);
  }
  return writer.failed() ? 0 : writer.written();
}

}  // namespace sotto::rtp
