#include <algorithm>

#include "dialect/vonage/api/api.h"
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"

namespace sotto::vonage {
namespace {

using http::Method;

enum class Credentials { Token, Secret };

struct Route {
  Method method;
  std::string_view pattern;
  Credentials credentials;
  ErrorFamily family;
  ApiReply (*handle)(ApiContext& context, Caller caller, http::Request request);
};

constexpr auto kToken = Credentials::Token;
constexpr auto kSecret = Credentials::Secret;
constexpr auto kVoice = ErrorFamily::Voice;
constexpr auto kApplication = ErrorFamily::Application;
constexpr auto kNumber = ErrorFamily::Number;

constexpr Route kRoutes[] = {
    {Method::Post, "/v1/calls", kToken, kVoice, create_call},
    {Method::Get, "/v1/calls", kToken, kVoice, list_calls},
    {Method::Get, "/v1/calls/{uuid}", kToken, kVoice, show_call},
    {Method::Put, "/v1/calls/{uuid}", kToken, kVoice, modify_call},
    {Method::Put, "/v1/calls/{uuid}/stream", kToken, kVoice, start_stream},
    {Method::Delete, "/v1/calls/{uuid}/stream", kToken, kVoice, stop_stream},
    {Method::Put, "/v1/calls/{uuid}/talk", kToken, kVoice, start_talk},
    {Method::Delete, "/v1/calls/{uuid}/talk", kToken, kVoice, stop_talk},
    {Method::Put, "/v1/calls/{uuid}/dtmf", kToken, kVoice, send_dtmf},
    {Method::Put, "/v1/calls/{uuid}/input/dtmf", kToken, kVoice, subscribe_dtmf},
    {Method::Delete, "/v1/calls/{uuid}/input/dtmf", kToken, kVoice, unsubscribe_dtmf},
    {Method::Get, "/v1/files/{id}", kToken, kVoice, download_recording},
    {Method::Get, "/v3/files/{id}", kToken, kVoice, download_recording},

    {Method::Get, "/v2/applications", kSecret, kApplication, list_applications},
    {Method::Post, "/v2/applications", kSecret, kApplication, create_application},
    {Method::Get, "/v2/applications/{id}", kSecret, kApplication, show_application},
    {Method::Put, "/v2/applications/{id}", kSecret, kApplication, update_application},
    {Method::Delete, "/v2/applications/{id}", kSecret, kApplication, delete_application},
    {Method::Get, "/v1/applications", kSecret, kApplication, list_applications_v1},
    {Method::Post, "/v1/applications", kSecret, kApplication, create_application_v1},
    {Method::Get, "/v1/applications/{id}", kSecret, kApplication, show_application_v1},
    {Method::Put, "/v1/applications/{id}", kSecret, kApplication, update_application_v1},
    {Method::Delete, "/v1/applications/{id}", kSecret, kApplication, delete_application},

    {Method::Get, "/account/numbers", kSecret, kNumber, list_numbers},
    {Method::Get, "/number/search", kSecret, kNumber, search_numbers},
    {Method::Post, "/number/buy", kSecret, kNumber, buy_number},
    {Method::Post, "/number/cancel", kSecret, kNumber, cancel_number},
    {Method::Post, "/number/update", kSecret, kNumber, update_number},

    {Method::Get, "/account/get-balance", kSecret, kNumber, show_balance},
    {Method::Post, "/account/top-up", kSecret, kNumber, top_up},
    {Method::Post, "/account/settings", kSecret, kNumber, account_settings},
    {Method::Get, "/account/get-pricing/{path*}", kSecret, kNumber, show_pricing},
    {Method::Get, "/account/get-full-pricing/{path*}", kSecret, kNumber, show_pricing},
    {Method::Get, "/account/get-prefix-pricing/{path*}", kSecret, kNumber, show_pricing},
    {Method::Get, "/account/get-phone-pricing/{path*}", kSecret, kNumber, show_pricing},
    {Method::Get, "/ni/basic/json", kSecret, kNumber, number_insight},
    {Method::Get, "/accounts/{key}/secrets", kSecret, kApplication, list_secrets},
    {Method::Post, "/accounts/{key}/secrets", kSecret, kApplication, create_secret},
    {Method::Get, "/accounts/{key}/secrets/{id}", kSecret, kApplication, show_secret},
    {Method::Delete, "/accounts/{key}/secrets/{id}", kSecret, kApplication, delete_secret}};

struct Prefix {
  std::string_view path;
  ErrorFamily family;
};
constexpr Prefix kPrefixes[] = {{"/v1/calls", kVoice},
                                {"/v1/files", kVoice},
                                {"/v3/files", kVoice},
                                {"/v1/applications", kApplication},
                                {"/v2/applications", kApplication},
                                {"/accounts", kApplication},
                                {"/account", kNumber},
                                {"/number", kNumber},
                                {"/ni", kNumber}};

constexpr std::string_view kOnlyJson = " header provided. Must be one of the following: 'application/json'";

bool takes_json(const http::Request& request) {
  const std::string accept(request.headers.get("Accept"));
  const auto ranges = http::split_list(accept);
  return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [](std::string_view range) {
           const std::string type = http::media_type(range);
           return type == "*/*" || type == "application/*" || type == "application/json";
         });
}

// Whatever a body that is a document or a form calls itself, it is understood.
bool brings_json(const http::Request& request) {
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  return request.body.empty() || type.empty() || type == "application/json" ||
         type == "application/x-www-form-urlencoded" || text::parse_json(request.body).has_value();
}

// vonage.md §2.8: calls that are made, and all else that is asked of the voice API.
bool is_too_much(ApiContext& context, const Route& route, const Caller& caller) {
  if (route.family != ErrorFamily::Voice) return false;
  const directory::Account* account = context.services.directory.now()->account(caller.account);
  if (account == nullptr) return false;
  const AccountSettings settings = settings_of(*account);
  const bool makes_call = route.method == Method::Post;
  return !context.limits.take(caller.account, makes_call ? RateLimits::Kind::Call : RateLimits::Kind::Other,
                              makes_call ? settings.calls_per_second : settings.requests_per_second,
                              context.services.loop.clock().now());
}

ApiReply serve(ApiContext& context, const Route& route, http::Request request) {
  const auto caller = route.credentials == Credentials::Token ? caller_of_token(context, request)
                                                              : caller_of_secret(context, request);
  if (!caller) {
    const bool number = route.family == ErrorFamily::Number;
    co_return render_error(route.family, 401, number ? "authentication failed" : caller.error().detail,
                           context.services.random);
  }
  if (is_too_much(context, route, *caller)) {
    http::Response later =
        render_error(route.family, 429, "Too many requests in a second.", context.services.random);
    later.headers.set("Retry-After", "1");
    co_return later;
  }
  if (route.family == ErrorFamily::Application && !takes_json(request)) {
    co_return render_error(route.family, 406, "Invalid Accept" + std::string(kOnlyJson),
                           context.services.random);
  }
  if (route.family == ErrorFamily::Application && !brings_json(request)) {
    co_return render_error(route.family, 415, "Unsupported Content-Type" + std::string(kOnlyJson),
                           context.services.random);
  }
  http::Response response = co_await route.handle(context, *caller, std::move(request));
  co_return response;
}

}  // namespace

void add_api_routes(http::Router& router, ApiContext& context) {
  for (const Route& route : kRoutes) {
    router.add(route.method, route.pattern, [&context, &route](http::Request request) {
      return serve(context, route, std::move(request));
    });
  }
  for (const Prefix& prefix : kPrefixes) {
    http::Mount mount;
    mount.render_error = [&context, family = prefix.family](const http::Problem& problem) {
      std::string detail = problem.detail;
      if (problem.status == 405 && family == ErrorFamily::Application) {
        detail = "Request method '" + std::string(to_string(problem.method)) + "' not supported";
      }
      return render_error(family, problem.status, detail, context.services.random);
    };
    router.mount(prefix.path, std::move(mount));
  }
}

}  // namespace sotto::vonage
