#include "admin/rate_limit.h"

namespace sotto::admin {

bool RateLimit::is_over(const Window& window, base::TimePoint now) {
  return now - window.since >= std::chrono::minutes(1);
}

bool RateLimit::has_room(const std::string& key, base::TimePoint now) const {
  const auto it = windows_.find(key);
  return it == windows_.end() || is_over(it->second, now) || it->second.count < per_minute_;
}

bool RateLimit::take(const std::string& key, base::TimePoint now) {
  auto it = windows_.find(key);
  if (it == windows_.end()) {
    if (windows_.size() >= keys_max_)
      std::erase_if(windows_, [&](const auto& each) { return is_over(each.second, now); });
    if (windows_.size() >= keys_max_) return false;
    it = windows_.emplace(key, Window{now, 0}).first;
  }
  Window& window = it->second;
  if (is_over(window, now)) window = {now, 0};
  if (window.count >= per_minute_) return false;
  ++window.count;
  return true;
}

}  // namespace sotto::admin
