#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/request.h"
#include "http/response.h"
#include "store/leg_store.h"
#include "text/json.h"

// How the admin API writes things.
namespace sotto::admin {

inline Result<http::Response> json_reply(const text::Json& json, int status = 200) {
  return http::Response::json(status, text::to_text(json));
}

text::Json time_json(const std::optional<base::WallTime>& time);  // ISO 8601 with microseconds, or null
text::Json leg_json(const call::Leg& leg);

// One parameter of the query, empty if it is absent.
std::string parameter(const text::Parameters& query, std::string_view name);
// A moment or a date; absent if the parameter is. The error names it.
Result<std::optional<base::WallTime>> time_parameter(const text::Parameters& query, std::string_view name);
Result<int64_t> count_parameter(const text::Parameters& query, std::string_view name, int64_t usual,
                                int64_t max);

// The body as an object.
Result<text::Json> body_of(const http::Request& request);

}  // namespace sotto::admin
