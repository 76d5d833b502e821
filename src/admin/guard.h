#pragma once

#include "admin/rate_limit.h"
#include "dialect/host/services.h"
#include "http/request.h"

namespace sotto::admin {

// What of a request tells who asks.
struct Credentials {
  std::string authorization;
  std::string origin;      // of the page, if a browser sends it
  std::string fetch_site;  // Sec-Fetch-Site
  std::string host;
  std::string peer;
  bool cookie = false;

  static Credentials of(const http::Request& request);
};

// Lets the operator in, and nobody else. Cookies never count, so no other site can use a browser's; and
// requests that a page of another site makes are refused even with a token. Control thread.
class Guard {
 public:
  explicit Guard(dialect::Services services);

  // Fails with Unauthorized, Forbidden (another site), Exhausted (too many requests, or wrong tokens).
  asio::awaitable<Result<void>> admit(Credentials credentials);

 private:
  dialect::Services services_;
  RateLimit requests_;
  RateLimit wrong_tokens_;
};

// "http://127.0.0.1:8080" of host "127.0.0.1:8080"; an absent origin is no page.
bool is_own_page(std::string_view origin, std::string_view host);

}  // namespace sotto::admin
