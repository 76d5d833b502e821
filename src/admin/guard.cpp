#include "admin/guard.h"

#include "base/limits.h"
#include "crypto/password.h"
#include "dialect/host/await.h"
#include "store/token_store.h"
#include "text/ascii.h"

namespace sotto::admin {
namespace {

namespace limits = base::limits;
constexpr std::string_view kScheme = "bearer ";

}  // namespace

Credentials Credentials::of(const http::Request& request) {
  return {std::string(request.headers.get("Authorization")),
          std::string(request.headers.get("Origin")),
          std::string(request.headers.get("Sec-Fetch-Site")),
          request.host,
          request.peer.address.to_string(),
          request.headers.contains("Cookie")};
}

bool is_own_page(std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && text::equal_ignoring_case(origin.substr(scheme.size()), host))
      return true;
  }
  return false;
}

Guard::Guard(dialect::Services services)
    : services_(std::move(services)),
      requests_(limits::kAdminRequestsMax, limits::kAdminAddressesMax),
      wrong_tokens_(limits::kAdminWrongTokensMax, limits::kAdminAddressesMax) {}

asio::awaitable<Result<void>> Guard::admit(Credentials credentials) {
  const base::TimePoint now = services_.loop.clock().now();
  if (!requests_.take(credentials.peer, now) || !wrong_tokens_.has_room(credentials.peer, now)) {
    co_return fail(ErrorCode::Exhausted, "too many requests from here; wait a minute");
  }
  const bool same_site = credentials.fetch_site.empty() || credentials.fetch_site == "same-origin" ||
                         credentials.fetch_site == "none";
  if (!same_site || !is_own_page(credentials.origin, credentials.host)) {
    co_return fail(ErrorCode::Forbidden, "pages of other sites may not use the admin API");
  }
  const std::string_view given = credentials.authorization;
  if (given.size() <= kScheme.size() ||
      !text::equal_ignoring_case(given.substr(0, kScheme.size()), kScheme)) {
    co_return fail(ErrorCode::Unauthorized,
                   credentials.cookie
                       ? "Authorization: missing; a cookie does not count, send \"Bearer <token>\""
                       : "Authorization: missing; send \"Bearer <token>\"");
  }
  const std::string fingerprint = crypto::token_fingerprint(text::trim(given.substr(kScheme.size())));
  const base::WallTime wall = services_.loop.clock().wall();
  std::function<Result<store::ApiToken>(store::Connection&)> query = [fingerprint,
                                                                      wall](store::Connection& connection) {
    return store::find_token(connection, fingerprint, wall);
  };
  const Result<store::ApiToken> token =
      co_await dialect::read_stored<store::ApiToken>(services_, std::move(query));
  if (token && token->account.empty()) co_return Result<void>();
  if (!token && token.error().code != ErrorCode::NotFound) co_return fail(token.error());
  wrong_tokens_.take(credentials.peer, now);
  co_return fail(ErrorCode::Unauthorized, "Authorization: this token is not known here");
}

}  // namespace sotto::admin
