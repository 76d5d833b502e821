#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "audio/codec.h"
#include "media/address.h"
#include "media/security.h"

// What an offer and its answer agreed on for one leg's sound.
namespace sotto::media {

// Ours: while the far end holds us by a=sendonly we are ReceiveOnly, by a=inactive Inactive.
enum class Direction : uint8_t { SendReceive, SendOnly, ReceiveOnly, Inactive };

struct LegSettings {
  audio::CodecId codec = audio::CodecId::Pcmu;
  uint8_t payload_type = 0;  // which we send
  // Which we take for the codec, where the far end's numbering differs from ours.
  std::optional<uint8_t> payload_type_in;
  audio::CodecSettings codec_settings;

  std::optional<uint8_t> event_payload_type;  // RFC 4733; absent: digits go in band
  uint32_t event_clock_hz = 8000;
  bool in_band_digits = true;  // look for DTMF in the sound, where events were not agreed on

  SocketAddress remote;       // from the far end's SDP; may be invalid until it is known
  SocketAddress remote_rtcp;  // invalid: the next port
  bool rtcp_mux = false;
  // Send to where packets come from, rather than to `remote`: from the first packet on, once for each
  // configuration.
  bool latch = true;

  // With one, nothing is sent or taken without keys. What stays the same in a new configuration goes on.
  LegProtection protection;

  Direction direction = Direction::SendReceive;
  // No packet for this long while the far end should be sending: MediaLost. 0: never.
  std::chrono::milliseconds silence_max{0};
  std::string cname;
};

}  // namespace sotto::media
