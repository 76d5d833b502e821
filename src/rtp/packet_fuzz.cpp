#include <array>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "rtp/jitter_buffer.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/statistics.h"
#include "rtp/telephone_event.h"

// Datagrams one after the other, each behind a byte of its length and a byte of how many milliseconds passed,
// through all that sees a packet from the network.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace rtp = sotto::rtp;
  namespace base = sotto::base;
  rtp::JitterBuffer buffer({.payload_bytes = 2'048});
  rtp::ReceiverStatistics statistics(8'000);
  rtp::EventReceiver events(8'000);
  rtp::EventReceiver wide_events(48'000);
  base::TimePoint now{std::chrono::seconds(1)};
  std::array<std::byte, base::limits::kRtpPacketBytesMax> scratch;
  base::ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
  int begun = 0;
  int wide_begun = 0;
  const auto count = [](const rtp::EventReceiver& receiver, const rtp::EventReceiver::Changes& changes,
                        int& sounding) {
    for (const auto& change : changes)
      sounding += change.kind == rtp::EventReceiver::Change::Kind::Began ? 1 : -1;
    CHECK(sounding == (receiver.sounding() ? 1 : 0));
  };
  while (reader.left() > 2) {
    const size_t bytes = reader.u8();
    now += std::chrono::milliseconds(reader.u8());
    const base::ByteView datagram = reader.take(std::min(bytes, reader.left()));
    static_cast<void>(rtp::classify(datagram));
    rtp::RtcpReader compound(datagram);
    while (compound.next()) {
    }
    const auto packet = rtp::parse_packet(datagram);
    if (packet) {
      CHECK(packet->payload.size() + rtp::kHeaderBytes <= datagram.size());
      statistics.on_packet(packet->header, packet->payload.size(), now);
      buffer.insert(*packet, static_cast<uint32_t>(packet->payload.size()), now);
      const auto event = rtp::parse_event(packet->payload);
      if (event) {
        const rtp::Header& header = packet->header;
        count(events, events.on_packet(header.timestamp, header.marker, *event, now), begun);
        count(wide_events, wide_events.on_packet(header.timestamp, header.marker, *event, now), wide_begun);
      }
    }
    count(events, events.on_time(now), begun);
    count(wide_events, wide_events.on_time(now), wide_begun);
    static_cast<void>(buffer.pop(now, 160, scratch));
    static_cast<void>(statistics.report(now));
    CHECK(buffer.held() <= rtp::JitterBuffer::kPacketsMax);
  }
  return 0;
}
