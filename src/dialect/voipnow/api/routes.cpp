#include "dialect/voipnow/api/routes.h"

#include <array>

#include "dialect/voipnow/name.h"
#include "text/ascii.h"

namespace sotto::voipnow {
namespace {

using http::Method;

constexpr size_t kBodyBytesMax = 64 * 1024;
constexpr std::string_view kBearer = "bearer";

struct Row {
  Method method;
  std::string_view pattern;  // below /uapi
  Handler handler;
};

// The literal words of a create win over {phoneCallId}, as they do over {extension}.
constexpr std::array kRows = {
    Row{Method::Get, "/phoneCalls/{user}/{extension}", get_phone_calls},
    Row{Method::Get, "/phoneCalls/{user}/{extension}/{call}", get_phone_calls},
    Row{Method::Put, "/phoneCalls/{user}/{extension}", put_phone_call},
    Row{Method::Put, "/phoneCalls/{user}/{extension}/{call}", put_phone_call},
    Row{Method::Delete, "/phoneCalls/{user}/{extension}", delete_phone_calls},
    Row{Method::Delete, "/phoneCalls/{user}/{extension}/{call}", delete_phone_calls},
    Row{Method::Post, "/phoneCalls/{user}/simple", create_simple},
    Row{Method::Post, "/phoneCalls/{user}/callback", create_callback},
    Row{Method::Post, "/phoneCalls/{user}/conferenceInvite", create_conference_invite},
    Row{Method::Get, "/extensions/{user}/{extension}/phoneCallEvents", get_phone_call_events},
    Row{Method::Get, "/extensions/{user}/{extension}/phoneCallEvents/{type}", get_phone_call_events},
    Row{Method::Get, "/extensions/{user}/{extension}/phoneCallEvents/{type}/{event}", get_phone_call_events},
    Row{Method::Post, "/extensions/{user}/{extension}/phoneCallEvents", post_phone_call_event},
    Row{Method::Put, "/extensions/{user}/{extension}/phoneCallEvents/{type}", put_phone_call_event},
    Row{Method::Put, "/extensions/{user}/{extension}/phoneCallEvents/{type}/{event}", put_phone_call_event},
    Row{Method::Delete, "/extensions/{user}/{extension}/phoneCallEvents", delete_phone_call_events},
    Row{Method::Delete, "/extensions/{user}/{extension}/phoneCallEvents/{type}", delete_phone_call_events},
    Row{Method::Delete, "/extensions/{user}/{extension}/phoneCallEvents/{type}/{event}",
        delete_phone_call_events},
    Row{Method::Get, "/extensions/{user}/{extension}/presence", get_presence},
    Row{Method::Get, "/extensions/{user}/{extension}/queue/agents", get_queue_agents},
    Row{Method::Get, "/extensions/{user}/{extension}/queue/agents/{agent}", get_queue_agents},
    Row{Method::Put, "/extensions/{user}/{extension}/queue/agents/{agent}", put_queue_agent},
};

// "Bearer kT3", in any case; "Authorization:Bearer" is a header without a space, which HTTP has dealt with.
std::string bearer_token(const http::Request& request) {
  const std::string_view value = text::trim(request.headers.get("Authorization"));
  const size_t space = value.find(' ');
  if (space == std::string_view::npos || !text::equal_ignoring_case(value.substr(0, space), kBearer))
    return {};
  return std::string(text::trim(value.substr(space)));
}

tl::unexpected<ApiError> denied(int status = 401) {
  return refuse(status, "access_denied", "the access token is missing, unknown or expired");
}

Checked<Scope> scope_of(const Parts& parts, const Grant& grant) {
  const auto& directory = parts.services.directory.now();
  const directory::Account* account = directory->account(grant.account);
  if (account == nullptr || !account->active) return denied();
  const auto it = account->settings.find(std::string(kName));
  if (it == account->settings.end()) return denied();
  auto settings = parse_settings(it->second);
  if (!settings) return denied();
  const App* app = settings->app(grant.app);
  if (app == nullptr) return denied();
  App asking = *app;
  return Scope(grant.account, std::move(asking), std::move(*settings), directory);
}

// A few old demo apps renew their token on a 403 only.
int expired_status(const Parts& parts) {
  for (const directory::Account& account : parts.directory().all().accounts) {
    const auto it = account.settings.find(std::string(kName));
    const auto settings = it == account.settings.end() ? Result<AccountSettings>(AccountSettings{})
                                                       : parse_settings(it->second);
    if (settings && settings->expired_status == 403) return 403;
  }
  return 401;
}

asio::awaitable<http::Response> answer(Parts& parts, Handler handler, http::Request request) {
  const std::string token = bearer_token(request);
  if (token.empty()) co_return to_response(denied().value());
  const Result<Grant> grant = co_await parts.tokens.find(GrantKind::Access, token);
  if (!grant) {
    const bool expired = grant.error().code == ErrorCode::TimedOut;
    co_return to_response(denied(expired ? expired_status(parts) : 401).value());
  }
  Checked<Scope> scope = scope_of(parts, *grant);
  if (!scope) co_return to_response(scope.error());
  Ask ask{parts, std::move(*scope), std::move(request)};
  Reply reply = co_await handler(std::move(ask));
  if (!reply) co_return to_response(reply.error());
  co_return std::move(*reply);
}

void add_row(http::Router& router, Parts& parts, const Row& row, std::string_view prefix) {
  const auto handle = [&parts, handler = row.handler](http::Request request) {
    return answer(parts, handler, std::move(request));
  };
  router.add(row.method, std::string(prefix) + std::string(row.pattern), handle);
  // Two pages of the documentation spell the resource in the singular.
  constexpr std::string_view kPlural = "/phoneCalls/";
  if (!row.pattern.starts_with(kPlural)) return;
  router.add(row.method,
             std::string(prefix) + "/phoneCall/" + std::string(row.pattern.substr(kPlural.size())), handle);
}

}  // namespace

std::string Ask::base() const {
  const std::string& configured = parts.services.settings.public_url;
  return configured.empty() ? request.base_url() : configured;
}

void add_routes(http::Router& router, Parts& parts) {
  for (const std::string_view prefix : {"/uapi", "/unifiedapi"}) {
    router.mount(prefix, {.render_error = render_problem, .body_bytes_max = kBodyBytesMax});
    for (const Row& row : kRows) add_row(router, parts, row, prefix);
  }
  router.add(Method::Post, "/oauth/token.php",
             [&parts](http::Request request) { return post_token(parts, std::move(request)); });
  router.add(Method::Get, "/oauth/authorize.php",
             [&parts](http::Request request) { return show_consent(parts, std::move(request)); });
  router.add(Method::Post, "/oauth/authorize.php",
             [&parts](http::Request request) { return give_consent(parts, std::move(request)); });
}

}  // namespace sotto::voipnow
