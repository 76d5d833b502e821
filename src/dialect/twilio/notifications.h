#pragma once

#include <deque>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "call/switchboard.h"
#include "text/uri.h"

namespace sotto::twilio {

// An error or a warning that somebody who writes an app should see (twilio.md §4.12).
struct Notification {
  std::string sid;
  std::string account;  // hex
  std::string call_sid;
  int code = 0;
  bool error = false;
  std::string text;
  std::string url;     // of the request it is about
  std::string method;  // of that request
  text::Parameters variables;
  int status = 0;  // of the answer
  std::string body;
  base::WallTime at;
};

// The latest of this server, in memory. Each is also a line of the log, and a notice in the call's history.
// Control thread.
class Notifications {
 public:
  // All outlive it.
  Notifications(call::Switchboard& switchboard, base::Random& random, const base::Clock& clock);

  void add(std::optional<call::LegId> leg, Notification notification);
  const std::deque<Notification>& all() const { return all_; }  // newest first

 private:
  call::Switchboard& switchboard_;
  base::Random& random_;
  const base::Clock& clock_;
  std::deque<Notification> all_;
};

}  // namespace sotto::twilio
