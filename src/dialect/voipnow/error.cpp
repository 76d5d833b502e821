#include "dialect/voipnow/error.h"

#include "text/json.h"

namespace sotto::voipnow {

using text::Json;
using text::JsonObject;

tl::unexpected<ApiError> refuse(std::string_view code, std::string message) {
  return refuse(400, code, std::move(message));
}

tl::unexpected<ApiError> refuse(int status, std::string_view code, std::string message) {
  return tl::unexpected(ApiError{status, std::string(code), std::move(message)});
}

http::Response to_response(const ApiError& error) {
  const JsonObject inner{{"code", error.code}, {"message", error.message}};
  http::Response response =
      http::Response::json(error.status, text::to_text(Json(JsonObject{{"error", Json(inner)}})));
  if (error.status == 401) response.headers.set("WWW-Authenticate", "Bearer");
  return response;
}

http::Response render_problem(const http::Problem& problem) {
  switch (problem.status) {
    case 404:
    case 405:
    case 501: return to_response({501, "request_not_implemented", problem.detail});
    case 500: return to_response({500, "internal_server_error", problem.detail});
    case 503: return to_response({503, "internal_server_error", problem.detail});
    default: return to_response({problem.status, "request_invalid", problem.detail});
  }
}

}  // namespace sotto::voipnow
