#include "dialect/vonage/api/auth.h"

#include <algorithm>

#include "crypto/base64.h"
#include "crypto/jwt.h"
#include "text/ascii.h"
#include "text/claims.h"
#include "text/form.h"

namespace sotto::vonage {
namespace {

constexpr auto kClockSkew = std::chrono::seconds(60);

struct KeyAndSecret {
  std::string key;
  std::string secret;
};

Result<Caller> refused() {
  return fail(ErrorCode::Unauthorized, "You did not provide correct credentials.");
}

std::optional<std::string_view> after_scheme(std::string_view header, std::string_view scheme) {
  const bool same = header.size() > scheme.size() && header[scheme.size()] == ' ' &&
                    text::equal_ignoring_case(header.substr(0, scheme.size()), scheme);
  if (!same) return std::nullopt;
  return text::trim(header.substr(scheme.size() + 1));
}

std::optional<KeyAndSecret> from_basic(const http::Request& request) {
  const auto encoded = after_scheme(request.headers.get("Authorization"), "Basic");
  const auto decoded = encoded ? crypto::base64_decode(*encoded) : std::nullopt;
  const size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return KeyAndSecret{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::optional<KeyAndSecret> from_parameters(const text::Parameters& parameters) {
  const std::string* key = text::find_parameter(parameters, "api_key");
  const std::string* secret = text::find_parameter(parameters, "api_secret");
  if (key == nullptr || secret == nullptr) return std::nullopt;
  return KeyAndSecret{*key, *secret};
}

std::optional<KeyAndSecret> from_json(const http::Request& request) {
  const auto body = text::parse_json(request.body);
  if (!body) return std::nullopt;
  const std::string* key = (*body)["api_key"].text();
  const std::string* secret = (*body)["api_secret"].text();
  if (key == nullptr || secret == nullptr) return std::nullopt;
  return KeyAndSecret{*key, *secret};
}

bool is_form(const http::Request& request) {
  return http::media_type(request.headers.get("Content-Type")) == "application/x-www-form-urlencoded";
}

std::optional<KeyAndSecret> credentials_of(const http::Request& request) {
  if (auto basic = from_basic(request)) return basic;
  if (const auto query = request.query()) {
    if (auto found = from_parameters(*query)) return found;
  }
  if (is_form(request)) {
    const auto form = text::parse_form(request.body);
    if (form) {
      if (auto found = from_parameters(*form)) return found;
    }
  }
  return from_json(request);
}

// Two pointers in step, back to the latest "**" where they disagree: no recursion, no blow-up.
bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  size_t p = 0;
  size_t s = 0;
  std::optional<std::pair<size_t, size_t>> star;
  while (s < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = {p++, s};
    } else if (p < pattern.size() && (pattern[p] == "*" || pattern[p] == path[s])) {
      ++p;
      ++s;
    } else if (star) {
      p = star->first + 1;
      s = ++star->second;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**") ++p;
  return p == pattern.size();
}

bool allows_method(const text::Json& rule, std::string_view method) {
  const text::JsonArray* methods = rule["methods"].array();
  if (methods == nullptr) return true;
  return std::any_of(methods->begin(), methods->end(), [method](const text::Json& each) {
    return each.text() != nullptr && text::equal_ignoring_case(*each.text(), method);
  });
}

void add_json_fields(const http::Request& request, text::Parameters& fields) {
  const auto body = text::parse_json(request.body);
  if (!body || body->object() == nullptr) return;
  for (const text::JsonMember& member : body->object()->members()) {
    const std::string* words = member.value.text();
    if (!member.value.is_null())
      fields.emplace_back(member.key, words != nullptr ? *words : to_text(member.value));
  }
}

}  // namespace

bool acl_allows(const text::Json& acl, std::string_view method, std::string_view path) {
  const text::Json& paths = acl["paths"];
  if (paths.object() == nullptr) return false;  // a list that cannot be read opens nothing
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const auto segments = text::split(path, '/');
  for (const text::JsonMember& each : paths.object()->members()) {
    if (matches(text::split(each.key, '/'), segments) && allows_method(each.value, method)) return true;
  }
  return false;
}

Result<Caller> caller_of_token(const ApiContext& context, const http::Request& request) {
  const auto token = after_scheme(request.headers.get("Authorization"), "Bearer");
  if (!token) return refused();
  const auto unverified = crypto::read_unverified_jwt(*token);
  const auto claims = unverified ? text::parse_json(unverified->claims) : fail(unverified.error());
  if (!claims) return refused();
  const std::string* named = (*claims)["application_id"].text();
  const auto id = named == nullptr ? std::nullopt : base::parse_id<directory::ApplicationId>(*named);
  const directory::Application* application =
      id ? context.services.directory.now()->application(*id) : nullptr;
  if (application == nullptr || application->dialect != kDialect) return refused();
  const auto key = crypto::PublicKey::from_pem(settings_of(*application).public_key);
  if (!key || !crypto::verify_jwt_rs256(*token, *key)) return refused();
  if ((*claims)["iat"].is_null() || (*claims)["jti"].is_null()) return refused();
  if (!text::check_claim_times(*claims, context.services.loop.clock().wall(), kClockSkew)) return refused();
  if (!(*claims)["acl"].is_null() && !acl_allows((*claims)["acl"], to_string(request.method), request.path)) {
    return refused();
  }
  return Caller{application->account, application->id};
}

Result<Caller> caller_of_secret(const ApiContext& context, const http::Request& request) {
  const auto given = credentials_of(request);
  if (!given) return refused();
  for (const directory::Account& account : context.services.directory.now()->all().accounts) {
    const AccountSettings settings = settings_of(account);
    if (!account.active || settings.api_key.empty() || settings.api_key != given->key) continue;
    if (!opens(settings, given->secret)) return refused();
    return Caller{account.id, std::nullopt};
  }
  return refused();
}

Result<text::Parameters> fields_of(const http::Request& request) {
  auto fields = request.query();
  if (!fields) return fail(fields.error());
  if (is_form(request)) {
    const auto form = text::parse_form(request.body);
    if (!form) return fail(form.error());
    fields->insert(fields->end(), form->begin(), form->end());
  } else {
    add_json_fields(request, *fields);
  }
  std::erase_if(*fields,
                [](const auto& each) { return each.first == "api_key" || each.first == "api_secret"; });
  return fields;
}

Result<text::Json> json_body(const http::Request& request) {
  auto body = text::parse_json(request.body);
  if (!body) return fail(body.error());
  if (body->object() == nullptr) return fail(ErrorCode::Invalid, "body: expected an object");
  return body;
}

}  // namespace sotto::vonage
