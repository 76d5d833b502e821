#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"
#include "text/ascii.h"

namespace sotto::vonage {
namespace {

using directory::Application;
using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int64_t kPageMax = 100;
constexpr size_t kPageDefault = 10;

enum class Version { One, Two };

std::string path_of(Version version, const Application& application) {
  return (version == Version::One ? "/v1/applications/" : "/v2/applications/") +
         base::to_uuid(application.id);
}

Json self_link(const std::string& href) {
  return JsonObject{{"self", JsonObject{{"href", href}}}};
}

JsonObject keys_object(const ApplicationSettings& settings, const std::string& private_key) {
  JsonObject keys;
  if (!settings.public_key.empty()) keys.add("public_key", settings.public_key);
  if (!private_key.empty()) keys.add("private_key", private_key);
  return keys;
}

Json object_v2(const Application& application, const std::string& private_key = {}) {
  const ApplicationSettings settings = settings_of(application);
  return JsonObject{{"id", base::to_uuid(application.id)},
                    {"name", application.name},
                    {"keys", keys_object(settings, private_key)},
                    {"capabilities", settings.capabilities},
                    {"privacy", settings.privacy},
                    {"_links", self_link(path_of(Version::Two, application))}};
}

Json object_v1(const Application& application, const std::string& private_key = {}) {
  const ApplicationSettings settings = settings_of(application);
  JsonArray hooks;
  for (const auto& [name, webhook] :
       {std::pair{"answer_url", settings.answer()}, std::pair{"event_url", settings.events()}}) {
    hooks.emplace_back(JsonObject{{"endpoint_type", name},
                                  {"endpoint", webhook.hook.url},
                                  {"http_method", to_string(webhook.hook.method)}});
  }
  JsonObject voice{{"webhooks", std::move(hooks)}};
  return JsonObject{{"id", base::to_uuid(application.id)},
                    {"name", application.name},
                    {"voice", std::move(voice)},
                    {"keys", keys_object(settings, private_key)},
                    {"_links", self_link(path_of(Version::One, application))}};
}

Json object_of(Version version, const Application& application, const std::string& private_key = {}) {
  return version == Version::One ? object_v1(application, private_key) : object_v2(application, private_key);
}

std::vector<const Application*> own_applications(const ApiContext& context, const Caller& caller) {
  std::vector<const Application*> own;
  for (const Application& each : context.services.directory.now()->all().applications) {
    if (each.account == caller.account && each.dialect == kDialect) own.push_back(&each);
  }
  return own;
}

const Application* find(const ApiContext& context, const Caller& caller, const http::Request& request) {
  const auto id = base::parse_id<directory::ApplicationId>(request.parameter("id"));
  const Application* found = id ? context.services.directory.now()->application(*id) : nullptr;
  const bool own = found != nullptr && found->account == caller.account && found->dialect == kDialect;
  return own ? found : nullptr;
}

http::Response not_found(const ApiContext& context, const http::Request& request) {
  return application_error(
      404, "ID '" + std::string(request.parameter("id")) + "' does not exist, or you do not have access",
      context.services.random);
}

// What the operator's file names is changed there.
http::Response not_changed(const ApiContext& context, const Error& error) {
  const int status = error.code == ErrorCode::Forbidden ? 403 : 500;
  return application_error(status, error.detail, context.services.random);
}

bool signs_by_default(const ApiContext& context, const Caller& caller) {
  const directory::Account* account = context.services.directory.now()->account(caller.account);
  return account != nullptr && !settings_of(*account).signature_secret.empty();
}

Result<ReadApplication> read(const ApiContext& context, const Caller& caller, Version version,
                             const http::Request& request) {
  const bool sign = signs_by_default(context, caller);
  if (version == Version::Two) {
    const auto body = json_body(request);
    if (!body) return fail(body.error());
    return read_application(*body, sign);
  }
  const auto fields = fields_of(request);
  if (!fields) return fail(fields.error());
  JsonObject flat;
  for (const auto& [name, value] : *fields) flat.set(name, value);
  return read_application_v1(Json(std::move(flat)), sign);
}

ApiReply create(ApiContext& context, Caller caller, http::Request request, Version version) {
  auto given = read(context, caller, version, request);
  if (!given) co_return application_error(400, given.error().detail, context.services.random);
  if (!given->invalid.empty()) {
    co_return application_invalid("payload-validation", given->invalid, context.services.random);
  }
  std::string private_key;
  if (!given->public_key) {
    Result<crypto::PrivateKey> made = co_await context.keys.make();
    if (!made) co_return application_error(500, made.error().detail, context.services.random);
    private_key = made->to_pem();
    given->public_key = made->public_key().to_pem();
  }
  given->settings.public_key = *given->public_key;
  Application application;
  application.id = directory::ApplicationId::make(context.services.random);
  application.account = caller.account;
  application.name = given->name;
  application.dialect = kDialect;
  application.settings.emplace(kDialect, to_json(given->settings));
  store::LiveDirectory::Change change;
  change.put.emplace_back(application);
  Result<void> changed = co_await dialect::change(context.services, std::move(change));
  if (!changed) co_return not_changed(context, changed.error());
  co_return json_reply(201, object_of(version, application, private_key));
}

ApiReply update(ApiContext& context, Caller caller, http::Request request, Version version) {
  const Application* found = find(context, caller, request);
  if (found == nullptr) co_return not_found(context, request);
  auto given = read(context, caller, version, request);
  if (!given) co_return application_error(400, given.error().detail, context.services.random);
  if (!given->invalid.empty()) {
    co_return application_invalid("payload-validation", given->invalid, context.services.random);
  }
  Application application = *found;
  // Everything is replaced but a key that is not sent.
  given->settings.public_key = given->public_key.value_or(settings_of(application).public_key);
  application.name = given->name;
  application.settings[std::string(kDialect)] = to_json(given->settings);
  store::LiveDirectory::Change change;
  change.put.emplace_back(application);
  Result<void> changed = co_await dialect::change(context.services, std::move(change));
  if (!changed) co_return not_changed(context, changed.error());
  co_return json_reply(200, object_of(version, application));
}

http::Response show(const ApiContext& context, const Caller& caller, const http::Request& request,
                    Version version) {
  const Application* found = find(context, caller, request);
  return found == nullptr ? not_found(context, request) : json_reply(200, object_of(version, *found));
}

struct Page {
  int64_t size = kPageDefault;
  int64_t number = 1;
  std::vector<InvalidParameter> invalid;
};

int64_t page_parameter(const text::Parameters& query, std::string_view name, int64_t otherwise, int64_t min,
                       int64_t max, Page& page) {
  const std::string* given = text::find_parameter(query, name);
  if (given == nullptr) return otherwise;
  const Json value(*given);
  const auto number = text::JsonField(value).lenient_integer();
  if (number && *number >= min && *number <= max) return *number;
  page.invalid.push_back(
      {std::string(name), max == kPageMax ? "must be between 1 and 100" : "must be a page number"});
  return otherwise;
}

http::Response list(const ApiContext& context, const Caller& caller, const http::Request& request,
                    Version version) {
  const auto query = request.query().value_or(text::Parameters{});
  const bool one = version == Version::One;
  Page page;
  page.size = page_parameter(query, "page_size", kPageDefault, 1, kPageMax, page);
  // The first version counts its pages from 0.
  page.number = one ? page_parameter(query, "page_index", 0, 0, 1'000'000, page) + 1
                    : page_parameter(query, "page", 1, 1, 1'000'000, page);
  if (!page.invalid.empty())
    return application_invalid("list-validation", page.invalid, context.services.random);
  const auto own = own_applications(context, caller);
  const auto total = static_cast<int64_t>(own.size());
  const int64_t pages = std::max<int64_t>(1, (total + page.size - 1) / page.size);
  JsonArray shown;
  for (int64_t i = (page.number - 1) * page.size; i < std::min(total, page.number * page.size); ++i) {
    shown.push_back(object_of(version, *own[static_cast<size_t>(i)]));
  }
  const auto link = [&](int64_t number) -> Json {
    const std::string name =
        one ? "page_index=" + std::to_string(number - 1) : "page=" + std::to_string(number);
    return JsonObject{{"href", request.base_url() + (one ? "/v1" : "/v2") +
                                   "/applications?page_size=" + std::to_string(page.size) + "&" + name}};
  };
  JsonObject links{{"self", link(page.number)}, {"first", link(1)}, {"last", link(pages)}};
  if (page.number < pages) links.add("next", link(page.number + 1));
  if (page.number > 1) links.add("prev", link(page.number - 1));
  JsonObject body =
      one ? JsonObject{{"count", total}, {"page_size", page.size}, {"page_index", page.number - 1}}
          : JsonObject{{"page_size", page.size},
                       {"page", page.number},
                       {"total_items", total},
                       {"total_pages", pages}};
  body.add("_embedded", JsonObject{{"applications", std::move(shown)}});
  body.add("_links", std::move(links));
  return json_reply(200, body);
}

}  // namespace

ApiReply list_applications(ApiContext& context, Caller caller, http::Request request) {
  co_return list(context, caller, request, Version::Two);
}
ApiReply list_applications_v1(ApiContext& context, Caller caller, http::Request request) {
  co_return list(context, caller, request, Version::One);
}
ApiReply create_application(ApiContext& context, Caller caller, http::Request request) {
  return create(context, caller, std::move(request), Version::Two);
}
ApiReply create_application_v1(ApiContext& context, Caller caller, http::Request request) {
  return create(context, caller, std::move(request), Version::One);
}
ApiReply show_application(ApiContext& context, Caller caller, http::Request request) {
  co_return show(context, caller, request, Version::Two);
}
ApiReply show_application_v1(ApiContext& context, Caller caller, http::Request request) {
  co_return show(context, caller, request, Version::One);
}
ApiReply update_application(ApiContext& context, Caller caller, http::Request request) {
  return update(context, caller, std::move(request), Version::Two);
}
ApiReply update_application_v1(ApiContext& context, Caller caller, http::Request request) {
  return update(context, caller, std::move(request), Version::One);
}

// Its numbers are no longer linked to anything.
ApiReply delete_application(ApiContext& context, Caller caller, http::Request request) {
  const Application* found = find(context, caller, request);
  if (found == nullptr) co_return not_found(context, request);
  store::LiveDirectory::Change change;
  for (const directory::Number& number : context.services.directory.now()->all().numbers) {
    const auto* to = std::get_if<directory::ToApplication>(&number.assignment);
    if (to == nullptr || to->application != found->id) continue;
    directory::Number unlinked = number;
    unlinked.assignment = std::monostate{};
    change.put.emplace_back(std::move(unlinked));
  }
  change.erase.emplace_back(found->id);
  Result<void> changed = co_await dialect::change(context.services, std::move(change));
  if (!changed) co_return not_changed(context, changed.error());
  http::Response gone = http::Response::empty(204);
  // One client sends a body that it announces nowhere: it must not be taken for the next request (vonage.md
  // §7.1).
  gone.headers.set("Connection", "close");
  co_return gone;
}

}  // namespace sotto::vonage
