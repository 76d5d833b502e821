#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sotto::telephony {

struct InfoDigit {
  char digit = 0;
  std::chrono::milliseconds length{100};
};

// A key in the body of a SIP INFO: application/dtmf-relay ("Signal=5\r\nDuration=160") or application/dtmf
// ("5").
std::optional<InfoDigit> digit_of_info(std::string_view content_type, std::string_view body);

}  // namespace sotto::telephony
