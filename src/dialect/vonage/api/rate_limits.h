#pragma once

#include <map>
#include <string>

#include "base/time.h"
#include "directory/model.h"

namespace sotto::vonage {

// How many requests of a kind an account has left in this second (vonage.md §2.8). What was not used does not
// pile up. Pure.
class RateLimits {
 public:
  enum class Kind { Call, Other };
  // False: too many. `per_second` 0 is no limit.
  bool take(directory::AccountId account, Kind kind, int64_t per_second, base::TimePoint now);

 private:
  struct Second {
    base::TimePoint begun;
    int64_t taken = 0;
  };
  std::map<std::pair<std::string, Kind>, Second> seconds_;  // by account, as hex
};

}  // namespace sotto::vonage
