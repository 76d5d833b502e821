#include "speech/http_service.h"

namespace sotto::speech {
namespace {

constexpr size_t kDetailBytesMax = 200;  // of what a service says about its failure

ErrorCode code_of(http::FetchFault fault) {
  switch (fault) {
    case http::FetchFault::ConnectTimeout:
    case http::FetchFault::TotalTimeout: return ErrorCode::TimedOut;
    case http::FetchFault::TooLarge: return ErrorCode::TooLarge;
    case http::FetchFault::BadUrl: return ErrorCode::Invalid;
    default: return ErrorCode::Unreachable;
  }
}

}  // namespace

http::FetchRequest service_request(const std::string& url, const std::string& api_key,
                                   std::chrono::milliseconds deadline) {
  http::FetchRequest request;
  request.method = http::Method::Post;
  request.url = url;
  request.connect_deadline = request.total_deadline = deadline;
  request.body_bytes_max = base::limits::kPromptFileBytesMax;
  if (!api_key.empty()) request.headers.set("Authorization", "Bearer " + api_key);
  return request;
}

Result<std::string> good_reply(http::FetchResult result) {
  if (!result) return fail(code_of(result.error().fault), "speech: " + result.error().detail);
  if (result->status != 200) {
    return fail(ErrorCode::Internal, "speech: the service answered " + std::to_string(result->status) + " " +
                                         result->body.substr(0, kDetailBytesMax));
  }
  return std::move(result->body);
}

}  // namespace sotto::speech
