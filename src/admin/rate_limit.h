#pragma once

#include <string>
#include <unordered_map>

#include "base/time.h"

namespace sotto::admin {

// So many a minute for each key. Remembers a bounded number of keys: at the bound those that are idle go, and
// where none is, newcomers are refused.
class RateLimit {
 public:
  RateLimit(size_t per_minute, size_t keys_max) : per_minute_(per_minute), keys_max_(keys_max) {}

  // Whether one more is allowed; it is then counted.
  bool take(const std::string& key, base::TimePoint now);
  // The same without counting.
  bool has_room(const std::string& key, base::TimePoint now) const;
  size_t keys() const { return windows_.size(); }

 private:
  struct Window {
    base::TimePoint since;
    size_t count = 0;
  };
  static bool is_over(const Window& window, base::TimePoint now);

  const size_t per_minute_;
  const size_t keys_max_;
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace sotto::admin
