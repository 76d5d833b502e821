#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "audio/g711.h"
#include "audio/level.h"
#include "audio/tone.h"
#include "rtp/packet.h"

namespace sotto::media {

// For tests: the far end of one leg. Says a tone of its own in PCMU and keeps what it hears.
class RtpPhone {
 public:
  explicit RtpPhone(float hz) : generator_(audio::sine_tone(hz, -20.0F), 8000), hz_(hz) {}

  float hz() const { return hz_; }
  std::span<const std::byte> say() {
    std::array<int16_t, 160> samples;
    generator_.render(samples);
    rtp::write_header({.sequence_number = sequence_++, .timestamp = timestamp_, .ssrc = 7}, packet_);
    timestamp_ += 160;
    audio::ulaw_encode(samples, std::span(packet_).subspan(rtp::kHeaderBytes));
    return packet_;
  }
  void hear(std::span<const std::byte> datagram) {
    const auto packet = rtp::parse_packet(datagram);
    if (!packet) return;
    if (heard_packets_ > 0) {
      if (packet->header.ssrc != last_.ssrc) ++breaks_;
      if (packet->header.sequence_number != static_cast<uint16_t>(last_.sequence_number + 1)) ++breaks_;
      if (packet->header.payload_type == 0 && !follows(packet->header)) ++breaks_;
    }
    ++heard_packets_;
    last_ = packet->header;
    if (packet->header.payload_type != 0) {
      ++event_packets_;
      return;
    }
    const size_t old = heard_.size();
    heard_.resize(old + packet->payload.size());
    audio::ulaw_decode(packet->payload, std::span(heard_).subspan(old));
  }
  // In the newest 100 ms.
  bool hears(float hz) const {
    if (heard_.size() < 800) return false;
    return audio::has_tone(std::span(heard_).last(800), 8000, hz);
  }
  std::span<const int16_t> newest(size_t samples) const {
    return std::span(heard_).last(std::min(samples, heard_.size()));
  }
  uint32_t heard_until() const { return last_.timestamp; }
  size_t packets() const { return heard_packets_; }
  size_t event_packets() const { return event_packets_; }
  size_t breaks() const { return breaks_; }  // of SSRC, sequence number or timestamp

 private:
  // By a frame; after a pause, which the marker tells of, by several.
  bool follows(const rtp::Header& header) const {
    const uint32_t step = header.timestamp - last_.timestamp;
    return step == 160 || (header.marker && step % 160 == 0 && step < 8000);
  }

  audio::ToneGenerator generator_;
  const float hz_;
  std::array<std::byte, rtp::kHeaderBytes + 160> packet_{};
  uint16_t sequence_ = 65'500;
  uint32_t timestamp_ = 4'294'960'000U;
  std::vector<int16_t> heard_;
  size_t heard_packets_ = 0;
  size_t event_packets_ = 0;
  size_t breaks_ = 0;
  rtp::Header last_;
};

}  // namespace sotto::media
