#pragma once

#include <string>
#include <string_view>

#include "webhook/delivery_policy.h"

namespace sotto::twilio {

// How a request is made, as the fragment of its URL says (twilio.md §1.4): #ct= rt= tt= rc= rp=.
struct Overrides {
  std::chrono::milliseconds connect{5000};
  std::chrono::milliseconds read{15'000};
  std::chrono::milliseconds total{15'000};
  webhook::RetryPolicy retry;
};

// Fails with Invalid, which is Twilio's 11243.
Result<Overrides> parse_overrides(std::string_view url);
std::string without_fragment(std::string_view url);

// Twilio's number for a request that had no answer.
int error_of(http::FetchFault fault);

}  // namespace sotto::twilio
