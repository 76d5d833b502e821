#include "dialect/twilio/request_log.h"

#include <algorithm>

namespace sotto::twilio {
namespace {

constexpr size_t kLegsMax = 1000;
constexpr size_t kRequestsOfLegMax = 50;
constexpr size_t kBodyBytesMax = 4096;

}  // namespace

LoggedRequest RequestLog::begin(http::Method method, std::string url, text::Parameters parameters) const {
  LoggedRequest request;
  request.method = to_string(method);
  request.url = std::move(url);
  request.parameters = std::move(parameters);
  request.at = clock_.wall();
  request.began = clock_.now();
  return request;
}

void RequestLog::add(call::LegId leg, LoggedRequest request, const http::FetchResult& result) {
  request.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - request.began);
  if (result) {
    request.status = result->status;
    request.content_type = result->headers.get("Content-Type");
    request.body = result->body.substr(0, kBodyBytesMax);
  }
  const auto [it, fresh] = legs_.try_emplace(leg);
  it->second.push_front(std::move(request));
  if (it->second.size() > kRequestsOfLegMax) it->second.pop_back();
  if (!fresh) return;
  oldest_.push_back(leg);
  if (oldest_.size() <= kLegsMax) return;
  legs_.erase(oldest_.front());
  oldest_.pop_front();
}

std::deque<LoggedRequest> RequestLog::of(call::LegId leg) const {
  const auto it = legs_.find(leg);
  return it == legs_.end() ? std::deque<LoggedRequest>{} : it->second;
}

}  // namespace sotto::twilio
