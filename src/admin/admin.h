#pragma once

#include <string>

#include "admin/context.h"
#include "admin/guard.h"
#include "http/router.h"

namespace sotto::admin {

inline constexpr std::string_view kPrefix = "/admin/v1";

// The admin API: resources.cpp lists it. Every request carries a bearer token of the operator. Control
// thread.
class Admin {
 public:
  // What the context refers to outlives it.
  explicit Admin(Context context);

  // Once, before the server listens; outlives the router's use.
  void add_routes(http::Router& router);

 private:
  asio::awaitable<http::Response> answer(size_t resource, http::Request request);

  const Context context_;
  Guard guard_;
};

}  // namespace sotto::admin
