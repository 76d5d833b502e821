#include "dialect/vonage/api/rate_limits.h"

#include "base/ids.h"

namespace sotto::vonage {

bool RateLimits::take(directory::AccountId account, Kind kind, int64_t per_second, base::TimePoint now) {
  if (per_second == 0) return true;
  Second& second = seconds_[{base::to_hex(account), kind}];
  if (second.taken == 0 || now - second.begun >= std::chrono::seconds(1)) second = {now, 0};
  if (second.taken >= per_second) return false;
  ++second.taken;
  return true;
}

}  // namespace sotto::vonage
