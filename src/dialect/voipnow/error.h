#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "http/response.h"
#include "http/router.h"

namespace sotto::voipnow {

// What UnifiedAPI answers when it refuses: {"error":{"code":…,"message":…}}. Clients read both blindly.
struct ApiError {
  int status = 400;
  std::string code;
  std::string message;

  bool operator==(const ApiError&) const = default;
};

template <typename T>
using Checked = tl::expected<T, ApiError>;

tl::unexpected<ApiError> refuse(std::string_view code, std::string message);  // 400
tl::unexpected<ApiError> refuse(int status, std::string_view code, std::string message);

http::Response to_response(const ApiError& error);
// What no handler answers: an unknown path or method is 501, since 404 is not in the API's vocabulary.
http::Response render_problem(const http::Problem& problem);

}  // namespace sotto::voipnow
