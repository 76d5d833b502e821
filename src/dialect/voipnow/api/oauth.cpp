// OAuth 2.0 as UnifiedAPI's clients speak it (contract section 1.5): form bodies of five styles, and errors
// of RFC 6749 in place of the API's own envelope.
#include "crypto/digest.h"
#include "crypto/password.h"
#include "dialect/voipnow/api/routes.h"
#include "dialect/voipnow/name.h"
#include "text/form.h"
#include "text/uri.h"
#include "text/xml.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonObject;

struct KnownApp {
  directory::AccountId account;
  App app;
  std::string consent_password;
};

std::string value_of(const text::Parameters& form, std::string_view name) {
  const std::string* value = text::find_parameter(form, name);
  return value == nullptr ? std::string() : *value;
}

std::optional<KnownApp> find_app(const Parts& parts, const std::string& id) {
  for (const directory::Account& account : parts.directory().all().accounts) {
    const auto it = account.settings.find(std::string(kName));
    if (!account.active || it == account.settings.end()) continue;
    const auto settings = parse_settings(it->second);
    const App* app = settings ? settings->app(id) : nullptr;
    if (app != nullptr) return KnownApp{account.id, *app, settings->consent_password};
  }
  return std::nullopt;
}

// Exactly this type: a demo app compares it, and one looks the name up in this spelling.
http::Response json_reply(int status, const JsonObject& object) {
  http::Response response = http::Response::with(status, "application/json", text::to_text(Json(object)));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

http::Response token_error(int status, std::string_view error, std::string_view why) {
  http::Response response = json_reply(status, {{"error", error}, {"error_description", why}});
  if (status == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"UnifiedAPI\"");
  return response;
}

bool says_secrets(const text::Parameters& query) {
  return text::find_parameter(query, "client_secret") != nullptr ||
         text::find_parameter(query, "grant_type") != nullptr;
}

// The type of the body is not looked at, but for multipart, which is another syntax.
Result<text::Parameters> read_form(const http::Request& request) {
  if (http::media_type(request.headers.get("Content-Type")) == "multipart/form-data") return request.form();
  return text::parse_form(request.body);
}

asio::awaitable<http::Response> give_token(Parts& parts, directory::AccountId account, std::string app,
                                           bool refreshable, std::string refresh) {
  const Result<std::string> access = co_await parts.tokens.issue(GrantKind::Access, account, app);
  if (!access) co_return token_error(500, "server_error", "the token could not be stored");
  if (refreshable && refresh.empty()) {
    const Result<std::string> made = co_await parts.tokens.issue(GrantKind::Refresh, account, app);
    if (!made) co_return token_error(500, "server_error", "the token could not be stored");
    refresh = *made;
  }
  JsonObject reply{
      {"access_token", *access}, {"token_type", "Bearer"}, {"expires_in", kAccessTokenLife.count()}};
  if (!refresh.empty()) reply.add("refresh_token", refresh);
  co_return json_reply(200, reply);
}

asio::awaitable<http::Response> redeem(Parts& parts, KnownApp known, GrantKind kind, std::string token) {
  Result<Grant> grant = fail(ErrorCode::NotFound, "token: none");
  if (kind == GrantKind::Code) {
    grant = co_await parts.tokens.spend_code(token);
  } else {
    grant = co_await parts.tokens.find(kind, token);
  }
  if (!grant || grant->app != known.app.id || grant->account != known.account) {
    co_return token_error(400, "invalid_grant", "it is unknown, used, expired or another App's");
  }
  const std::string refresh = kind == GrantKind::Refresh ? token : std::string();
  http::Response response = co_await give_token(parts, known.account, known.app.id, true, refresh);
  co_return response;
}

// ---- the user's consent

struct Consent {
  std::optional<KnownApp> app;
  std::string redirect_uri;
  std::string state;
  std::string problem;  // empty: it may be asked for
};

Consent read_consent(const Parts& parts, const text::Parameters& sent) {
  Consent consent;
  consent.app = find_app(parts, value_of(sent, "client_id"));
  consent.redirect_uri = value_of(sent, "redirect_uri");
  consent.state = value_of(sent, "state");
  const auto uri = text::parse_uri(consent.redirect_uri);
  const bool web = uri && (uri->scheme == "http" || uri->scheme == "https") && !uri->host.empty();
  if (!consent.app) {
    consent.problem = "client_id: no such App";
  } else if (value_of(sent, "response_type") != "code") {
    consent.problem = "response_type: \"code\" is wanted";
  } else if (!web) {
    consent.problem = "redirect_uri: an address of the web is wanted";
  } else if (const std::string& own = consent.app->app.redirect_uri;
             !own.empty() && own != consent.redirect_uri) {
    consent.problem = "redirect_uri: it is not the App's own";
  }
  return consent;
}

http::Response page(int status, const std::string& content) {
  http::Response response = http::Response::with(
      status, "text/html; charset=utf-8",
      "<!doctype html><html lang=\"en\"><title>Allow access</title><body>" + content + "</body></html>");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Frame-Options", "DENY");
  response.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  return response;
}

http::Response consent_page(int status, const Consent& consent, const std::string& note) {
  const auto hidden = [](const std::string& name, const std::string& value) {
    return "<input type=\"hidden\" name=\"" + name + "\" value=\"" + text::xml_escape(value) + "\">";
  };
  return page(status, "<h1>Allow access?</h1><p>The App " + text::xml_escape(consent.app->app.id) +
                          " asks to handle calls for you.</p><p>" + text::xml_escape(note) +
                          "</p><form method=\"post\" action=\"/oauth/authorize.php\">" +
                          hidden("client_id", consent.app->app.id) + hidden("response_type", "code") +
                          hidden("redirect_uri", consent.redirect_uri) + hidden("state", consent.state) +
                          "<label>Password <input type=\"password\" name=\"password\"></label>"
                          "<button name=\"answer\" value=\"allow\">Allow</button>"
                          "<button name=\"answer\" value=\"deny\">Deny</button></form>");
}

http::Response back_to_app(const Consent& consent, text::Parameters result) {
  auto uri = text::parse_uri(consent.redirect_uri);
  if (!consent.state.empty()) result.emplace_back("state", consent.state);
  text::append_query(*uri, result);
  http::Response response = http::Response::empty(302);
  response.headers.set("Location", text::to_text(*uri));
  return response;
}

}  // namespace

asio::awaitable<http::Response> post_token(Parts& parts, http::Request request) {
  const auto query = request.query();
  if (query && says_secrets(*query)) {
    co_return token_error(400, "invalid_request", "parameters in the address end up in logs: send a form");
  }
  const auto form = read_form(request);
  if (!form) co_return token_error(400, "invalid_request", form.error().detail);
  const std::string grant = value_of(*form, "grant_type");
  if (grant.empty()) co_return token_error(400, "invalid_request", "grant_type: it is missing");
  if (grant != "client_credentials" && grant != "authorization_code" && grant != "refresh_token") {
    co_return token_error(400, "unsupported_grant_type", "grant_type: not one of ours");
  }
  const std::optional<KnownApp> known = find_app(parts, value_of(*form, "client_id"));
  const std::string secret = value_of(*form, "client_secret");
  if (!known || !crypto::equal_in_constant_time(known->app.secret, secret)) {
    co_return token_error(401, "invalid_client", "client_id or client_secret is wrong");
  }
  if (grant == "client_credentials") {
    if (!known->app.trusted) {
      co_return token_error(400, "unauthorized_client", "only a trusted App may use its own credentials");
    }
    const std::string no_user;
    http::Response response = co_await give_token(parts, known->account, known->app.id, false, no_user);
    co_return response;
  }
  const bool code = grant == "authorization_code";
  const std::string token = value_of(*form, code ? "code" : "refresh_token");
  if (token.empty()) {
    co_return token_error(400, "invalid_request",
                          code ? "code: it is missing" : "refresh_token: it is missing");
  }
  http::Response response =
      co_await redeem(parts, *known, code ? GrantKind::Code : GrantKind::Refresh, token);
  co_return response;
}

asio::awaitable<http::Response> show_consent(Parts& parts, http::Request request) {
  const auto query = request.query();
  const Consent consent = read_consent(parts, query ? *query : text::Parameters{});
  if (!consent.problem.empty()) co_return page(400, "<p>" + text::xml_escape(consent.problem) + "</p>");
  co_return consent_page(200, consent, "Type the password that your operator gave you.");
}

asio::awaitable<http::Response> give_consent(Parts& parts, http::Request request) {
  const auto form = read_form(request);
  const text::Parameters sent = form ? *form : text::Parameters{};
  const Consent consent = read_consent(parts, sent);
  if (!consent.problem.empty()) co_return page(400, "<p>" + text::xml_escape(consent.problem) + "</p>");
  // Some Apps send the user's browser here with POST in place of GET.
  const std::string answer = value_of(sent, "answer");
  if (answer.empty()) co_return consent_page(200, consent, "Type the password that your operator gave you.");
  if (answer != "allow") co_return back_to_app(consent, {{"error", "access_denied"}});
  const std::string& wanted = consent.app->consent_password;
  if (wanted.empty() || !crypto::equal_in_constant_time(wanted, value_of(sent, "password"))) {
    co_return consent_page(403, consent, "The password is wrong.");
  }
  const Result<std::string> code =
      co_await parts.tokens.issue(GrantKind::Code, consent.app->account, consent.app->app.id);
  if (!code) co_return page(500, "<p>The code could not be stored.</p>");
  co_return back_to_app(consent, {{"code", *code}});
}

}  // namespace sotto::voipnow
