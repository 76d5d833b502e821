#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/offer_answer.h"
#include "sdp/session.h"

namespace sotto::sdp {

// One payload type of an m= line with what a=rtpmap and a=fmtp say of it, or RFC 3551 for a static one.
struct Payload {
  uint8_t type = 0;
  std::string name;
  uint32_t clock_rate_hz = 0;
  uint8_t channels = 1;
  std::string fmtp;
};

inline constexpr std::string_view kTelephoneEvent = "telephone-event";

// In the line's order. Formats that are no number up to 127, or that nothing explains, are left out.
std::vector<Payload> payloads_of(const Media& media);
bool matches(const Payload& payload, const Codec& codec);
bool is_telephone_event(const Payload& payload);
bool equal_in_any_case(std::string_view left, std::string_view right);
// Adds the format with its a=rtpmap and a=fmtp.
void append(Media& media, const Payload& payload);

}  // namespace sotto::sdp
