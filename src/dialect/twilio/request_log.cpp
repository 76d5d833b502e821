#include "dialect/twilio/request_log.h"

#include <algorithm>

namespace sotto::twilio {
namespace {

constexpr size_t kLegsMax = 1000;
constexpr size_t kRequestsOfLegMax = 50;
constexpr size_t kBodyBytesMax = 4096;

}  // namespace

void RequestLog::add(call::LegId leg, LoggedRequest request) {
  request.body.resize(std::min(request.body.size(), kBodyBytesMax));
  const auto [it, fresh] = legs_.try_emplace(leg);
  it->second.push_front(std::move(request));
  if (it->second.size() > kRequestsOfLegMax) it->second.pop_back();
  if (!fresh) return;
  oldest_.push_back(leg);
  if (oldest_.size() <= kLegsMax) return;
  legs_.erase(oldest_.front());
  oldest_.pop_front();
}

void RequestLog::add(call::LegId leg, LoggedRequest request, const http::FetchResult& result) {
  if (result) {
    request.status = result->status;
    request.content_type = result->headers.get("Content-Type");
    request.body = result->body;
  }
  add(leg, std::move(request));
}

std::deque<LoggedRequest> RequestLog::of(call::LegId leg) const {
  const auto it = legs_.find(leg);
  return it == legs_.end() ? std::deque<LoggedRequest>{} : it->second;
}

}  // namespace sotto::twilio
