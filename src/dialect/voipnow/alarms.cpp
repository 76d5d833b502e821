#include "dialect/voipnow/alarms.h"

#include "base/check.h"

namespace sotto::voipnow {

Alarms::~Alarms() {
  for (auto& [alarm, entry] : pending_) timers_.stop(entry.first);
}

uint64_t Alarms::start(base::Duration delay, std::function<void()> ring) {
  const uint64_t alarm = next_++;
  pending_[alarm] = {timers_.start(delay, *this, alarm), std::move(ring)};
  return alarm;
}

void Alarms::stop(uint64_t alarm) {
  const auto it = pending_.find(alarm);
  if (it == pending_.end()) return;
  timers_.stop(it->second.first);
  pending_.erase(it);
}

void Alarms::on_timer(uint64_t token) {
  const auto it = pending_.find(token);
  CHECK(it != pending_.end());
  const auto ring = std::move(it->second.second);
  pending_.erase(it);
  ring();
}

}  // namespace sotto::voipnow
