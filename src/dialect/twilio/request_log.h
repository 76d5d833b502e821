#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "call/leg.h"
#include "http/client.h"
#include "http/method.h"
#include "text/uri.h"

namespace sotto::twilio {

// One request to an app, and what it answered (twilio.md §4.2, Events).
struct LoggedRequest {
  std::string method;
  std::string url;
  text::Parameters parameters;
  base::WallTime at;
  base::TimePoint began;
  std::chrono::milliseconds took{0};
  int status = 0;  // of the answer; 0: there was none
  std::string content_type;
  std::string body;
};

// What was asked of apps for each call: the latest of the latest calls of this server, in memory. Control
// thread.
class RequestLog {
 public:
  explicit RequestLog(const base::Clock& clock) : clock_(clock) {}  // which outlives it

  // One that is sent now, for add().
  LoggedRequest begin(http::Method method, std::string url, text::Parameters parameters) const;
  // Its answer has come, or none will.
  void add(call::LegId leg, LoggedRequest request, const http::FetchResult& result);
  std::deque<LoggedRequest> of(call::LegId leg) const;  // newest first
  size_t size() const { return legs_.size(); }

 private:
  const base::Clock& clock_;
  std::unordered_map<call::LegId, std::deque<LoggedRequest>> legs_;
  std::deque<call::LegId> oldest_;  // of them, first
};

}  // namespace sotto::twilio
