// What the CLIs ask for beside applications, numbers and calls (vonage.md §7.4). There is no money here.
#include <algorithm>

#include "crypto/password.h"
#include "dialect/host/await.h"
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"
#include "text/e164.h"
#include "text/time_format.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr std::string_view kFirstSecret = "00000000-0000-4000-8000-000000000001";  // the account's own
constexpr size_t kSecretsMax = 10;

Json secret_object(const std::string& key, std::string_view id, const Json& created) {
  const std::string path = "/accounts/" + key + "/secrets/" + std::string(id);
  JsonObject object{{"_links", JsonObject{{"self", JsonObject{{"href", path}}}}}, {"id", id}};
  object.add("created_at", created.is_null() ? Json("2026-01-01T00:00:00Z") : created);
  return object;
}

// The account that the path names, if it is the caller's.
Result<directory::Account> account_of(const ApiContext& context, const Caller& caller,
                                      const http::Request& request) {
  const directory::Account* account = context.services.directory.now()->account(caller.account);
  const std::string key(request.parameter("key"));
  if (account != nullptr && settings_of(*account).api_key == key) return *account;
  return fail(ErrorCode::NotFound, "API key '" + key + "' not found");
}

http::Response unknown_key(const ApiContext& context, const Error& error) {
  base::Random& random = context.services.random;
  return json_reply(404, JsonObject{{"type", "https://developer.nexmo.com/api-errors#invalid-api-key"},
                                    {"title", "Invalid API Key"},
                                    {"detail", error.detail},
                                    {"instance", base::id_to_hex(random.next(), random.next())}});
}

asio::awaitable<Result<void>> put(ApiContext& context, directory::Account account, AccountSettings settings) {
  account.settings[std::string(kDialect)] = to_json(settings);
  store::LiveDirectory::Change change;
  change.put.emplace_back(std::move(account));
  Result<void> changed = co_await dialect::change(context.services, std::move(change));
  co_return changed;
}

std::vector<InvalidParameter> faults_of(const std::string& secret) {
  const auto has = [&secret](char low, char high) {
    return std::any_of(secret.begin(), secret.end(), [=](char c) { return c >= low && c <= high; });
  };
  const bool good =
      secret.size() >= 8 && secret.size() <= 25 && has('a', 'z') && has('A', 'Z') && has('0', '9');
  if (good) return {};
  return {{"secret", "must be 8 to 25 characters with a lower-case letter, a capital and a digit"}};
}

}  // namespace

ApiReply show_balance(ApiContext&, Caller, http::Request) {
  co_return json_reply(200, JsonObject{{"value", 0.0}, {"autoReload", false}});
}

ApiReply top_up(ApiContext&, Caller, http::Request) {
  co_return number_result(200, "success");
}

ApiReply account_settings(ApiContext&, Caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  const auto value = [&fields](std::string_view name) {
    const std::string* given = text::find_parameter(fields, name);
    return given == nullptr ? std::string() : *given;
  };
  co_return json_reply(200, JsonObject{{"mo-callback-url", value("moCallBackUrl")},
                                       {"dr-callback-url", value("drCallBackUrl")},
                                       {"max-outbound-request", 30},
                                       {"max-inbound-request", 30},
                                       {"max-calls-per-second", 30}});
}

ApiReply show_pricing(ApiContext&, Caller, http::Request request) {
  const auto fields = request.query().value_or(text::Parameters{});
  const std::string* country = text::find_parameter(fields, "country");
  const std::string_view path = request.parameter("path");
  const std::string last(path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1));
  const std::string code = country != nullptr && !country->empty() ? *country : last;
  co_return json_reply(200, JsonObject{{"countryCode", code},
                                       {"countryName", code},
                                       {"currency", "EUR"},
                                       {"defaultPrice", "0.00000000"},
                                       {"price", "0.00000000"},
                                       {"networks", JsonArray{}}});
}

ApiReply number_insight(ApiContext& context, Caller, http::Request request) {
  const auto fields = request.query().value_or(text::Parameters{});
  const std::string* asked = text::find_parameter(fields, "number");
  const auto digits =
      asked == nullptr ? fail(ErrorCode::Invalid, "number: is required") : text::to_e164(*asked, {});
  const directory::Number* own =
      asked == nullptr ? nullptr : context.services.directory.now()->number(std::string_view(*asked));
  if (!digits && own == nullptr) {
    co_return json_reply(
        200,
        JsonObject{{"status", 3}, {"status_message", "Invalid request :: Not valid number format detected"}});
  }
  const std::string number = own != nullptr ? own->digits : *digits;
  const std::string country = own != nullptr ? own->country : std::string(text::country_of(number));
  co_return json_reply(200, JsonObject{{"status", 0},
                                       {"status_message", "Success"},
                                       {"request_id", base::id_to_uuid(context.services.random.next(),
                                                                       context.services.random.next())},
                                       {"international_format_number", number},
                                       {"national_format_number", number},
                                       {"country_code", country},
                                       {"country_code_iso3", ""},
                                       {"country_name", country},
                                       {"country_prefix", text::calling_code(country)}});
}

ApiReply list_secrets(ApiContext& context, Caller caller, http::Request request) {
  const auto account = account_of(context, caller, request);
  if (!account) co_return unknown_key(context, account.error());
  const AccountSettings settings = settings_of(*account);
  JsonArray secrets;
  if (!settings.api_secret.empty()) {
    secrets.push_back(secret_object(settings.api_key, kFirstSecret,
                                    settings.created.empty() ? Json() : Json(settings.created)));
  }
  for (const Json& each : settings.more_secrets) {
    const std::string* id = each["id"].text();
    if (id != nullptr) secrets.push_back(secret_object(settings.api_key, *id, each["created_at"]));
  }
  const std::string path = "/accounts/" + settings.api_key + "/secrets";
  JsonObject body{{"_links", JsonObject{{"self", JsonObject{{"href", path}}}}}};
  body.add("_embedded", JsonObject{{"secrets", std::move(secrets)}});
  co_return json_reply(200, body);
}

ApiReply create_secret(ApiContext& context, Caller caller, http::Request request) {
  auto account = account_of(context, caller, request);
  if (!account) co_return unknown_key(context, account.error());
  const auto body = json_body(request);
  const std::string secret =
      body ? text::JsonField(*body)["secret"].text().value_or(std::string()) : std::string();
  const auto faults = faults_of(secret);
  if (!faults.empty()) co_return application_invalid("payload-validation", faults, context.services.random);
  AccountSettings settings = settings_of(*account);
  if (settings.more_secrets.size() + 1 >= kSecretsMax) {
    co_return application_error(403, "The account has as many secrets as it may have.",
                                context.services.random);
  }
  const std::string id = base::id_to_uuid(context.services.random.next(), context.services.random.next());
  const Json created(text::format_iso8601(context.services.loop.clock().wall(), text::Precision::Seconds));
  settings.more_secrets.emplace_back(JsonObject{{"id", id}, {"secret", secret}, {"created_at", created}});
  const std::string key = settings.api_key;
  Result<void> changed = co_await put(context, std::move(*account), std::move(settings));
  if (!changed) co_return application_error(403, changed.error().detail, context.services.random);
  co_return json_reply(201, secret_object(key, id, created));
}

ApiReply show_secret(ApiContext& context, Caller caller, http::Request request) {
  const auto account = account_of(context, caller, request);
  if (!account) co_return unknown_key(context, account.error());
  const AccountSettings settings = settings_of(*account);
  const std::string id(request.parameter("id"));
  if (id == kFirstSecret && !settings.api_secret.empty()) {
    co_return json_reply(
        200, secret_object(settings.api_key, id, settings.created.empty() ? Json() : Json(settings.created)));
  }
  for (const Json& each : settings.more_secrets) {
    if (each["id"] == Json(id))
      co_return json_reply(200, secret_object(settings.api_key, id, each["created_at"]));
  }
  co_return application_error(404, "ID '" + id + "' does not exist, or you do not have access",
                              context.services.random);
}

ApiReply delete_secret(ApiContext& context, Caller caller, http::Request request) {
  auto account = account_of(context, caller, request);
  if (!account) co_return unknown_key(context, account.error());
  AccountSettings settings = settings_of(*account);
  const std::string id(request.parameter("id"));
  const bool first = id == kFirstSecret && !settings.api_secret.empty();
  const auto other = std::find_if(settings.more_secrets.begin(), settings.more_secrets.end(),
                                  [&id](const Json& each) { return each["id"] == Json(id); });
  if (!first && other == settings.more_secrets.end()) {
    co_return application_error(404, "ID '" + id + "' does not exist, or you do not have access",
                                context.services.random);
  }
  if (settings.more_secrets.size() + (settings.api_secret.empty() ? 0 : 1) == 1) {
    co_return application_error(403, "Can not delete the last secret.", context.services.random);
  }
  if (first) {
    // Another becomes the account's own.
    settings.api_secret = *settings.more_secrets.front()["secret"].text();
    settings.more_secrets.erase(settings.more_secrets.begin());
  } else {
    settings.more_secrets.erase(other);
  }
  Result<void> changed = co_await put(context, std::move(*account), std::move(settings));
  if (!changed) co_return application_error(403, changed.error().detail, context.services.random);
  co_return http::Response::empty(204);
}

}  // namespace sotto::vonage
