#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "http/client.h"

// What requests to a service have in common.
namespace sotto::speech {

http::FetchRequest service_request(const std::string& url, const std::string& api_key,
                                   std::chrono::milliseconds deadline);
// The body of a 200; else why there is none: TimedOut, Unreachable, TooLarge, Invalid (the URL), or Internal
// with what the service says about its failure.
Result<std::string> good_reply(http::FetchResult result);

}  // namespace sotto::speech
