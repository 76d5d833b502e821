#include "admin/admin.h"

#include "admin/resources.h"

namespace sotto::admin {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Invalid:
    case ErrorCode::OutOfRange:
    case ErrorCode::Unsupported: return 400;
    case ErrorCode::Unauthorized: return 401;
    case ErrorCode::Forbidden: return 403;
    case ErrorCode::NotFound: return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
    case ErrorCode::Closed: return 409;
    case ErrorCode::TooLarge: return 413;
    case ErrorCode::Exhausted: return 429;
    case ErrorCode::Unreachable: return 502;
    case ErrorCode::TimedOut: return 504;
    case ErrorCode::Io:
    case ErrorCode::Internal: return 500;
  }
  return 500;
}

http::Response refusal(const Error& error) {
  const text::Json body = text::JsonObject{{"error", error.detail}, {"code", base::to_string(error.code)}};
  http::Response response = http::Response::json(status_of(error.code), text::to_text(body));
  if (response.status == 401) response.headers.add("WWW-Authenticate", "Bearer realm=\"sotto\"");
  if (response.status == 429) response.headers.add("Retry-After", "60");
  return response;
}

}  // namespace

Admin::Admin(Context context) : context_(std::move(context)), guard_(context_.services) {}

void Admin::add_routes(http::Router& router) {
  router.mount(kPrefix, {});
  const auto all = resources();
  for (size_t i = 0; i < all.size(); ++i) {
    router.add(all[i].method, std::string(kPrefix) + std::string(all[i].pattern),
               [this, i](http::Request request) { return answer(i, std::move(request)); });
  }
}

asio::awaitable<http::Response> Admin::answer(size_t resource, http::Request request) {
  Credentials credentials = Credentials::of(request);
  const Result<void> admitted = co_await guard_.admit(std::move(credentials));
  if (!admitted) co_return refusal(admitted.error());
  Context context = context_;
  Result<http::Response> response =
      co_await resources()[resource].handle(std::move(context), std::move(request));
  if (!response) co_return refusal(response.error());
  response->headers.add("Cache-Control", "no-store");
  co_return std::move(*response);
}

}  // namespace sotto::admin
