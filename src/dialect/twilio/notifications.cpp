#include "dialect/twilio/notifications.h"

#include "base/log.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

constexpr size_t kNotificationsMax = 1000;
constexpr size_t kBodyBytesMax = 4096;

}  // namespace

Notifications::Notifications(call::Switchboard& switchboard, base::Random& random, const base::Clock& clock)
    : switchboard_(switchboard), random_(random), clock_(clock) {}

void Notifications::add(std::optional<call::LegId> leg, Notification notification) {
  const std::string code = std::to_string(notification.code);
  base::log(notification.error ? base::LogLevel::Error : base::LogLevel::Warning, "twilio", notification.text,
            {{"code", code}, {"call", notification.call_sid}, {"url", notification.url}});
  if (leg && switchboard_.leg(*leg) != nullptr) {
    const auto level = notification.error ? call::Notice::Level::Error : call::Notice::Level::Warning;
    switchboard_.notice(*leg, {level, "twilio." + code, notification.text});
  }
  notification.sid = new_sid("NO", random_);
  notification.at = clock_.wall();
  notification.body.resize(std::min(notification.body.size(), kBodyBytesMax));
  all_.push_front(std::move(notification));
  if (all_.size() > kNotificationsMax) all_.pop_back();
}

}  // namespace sotto::twilio
