#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "http/client.h"

// What requests to a service have in common.
namespace sotto::speech {

http::FetchRequest service_request(const std::string& url, const std::string& api_key,
                                   std::chrono::milliseconds deadline);
// The body of a good answer; else what went wrong, as an error that says so.
Result<std::string> good_reply(http::FetchResult result);

}  // namespace sotto::speech
