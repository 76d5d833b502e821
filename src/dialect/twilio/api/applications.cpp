#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/twilio/api/resource_fields.h"
#include "dialect/twilio/number_settings.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

constexpr ResourceField kApplicationFields[] = {
    {"SmsStatusCallback", "sms_status_callback", ResourceField::Kind::Url},
    {"MessageStatusCallback", "message_status_callback", ResourceField::Kind::Url},
    {"PublicApplicationConnectEnabled", "public_application_connect_enabled", ResourceField::Kind::Flag},
};

text::Json render(const ApiRequest& request, const directory::Application& application) {
  const text::Json body = settings_json(application.settings);
  const std::string id = sid("AP", application.id);
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("api_version", "2010-04-01");
  out.add("date_created", body["date_created"]);
  out.add("date_updated", body["date_updated"]);
  out.add("friendly_name", application.name);
  out.add("sid", id);
  show_fields(body, kVoiceFields, out);
  show_fields(body, kApplicationFields, out);
  out.add("uri", request.base + "/Applications/" + id + ".json");
  return text::Json(std::move(out));
}

const directory::Application* find(const ApiParts& parts, const ApiRequest& request) {
  const auto id = parse_sid<directory::ApplicationId>(request.parameter("Sid"), "AP");
  const directory::Application* application =
      id ? parts.shared.services.directory.now()->application(*id) : nullptr;
  const bool ours = application != nullptr && application->account == request.account.id &&
                    application->dialect == kDialect;
  return ours ? application : nullptr;
}

asio::awaitable<ApiResult<ApiReply>> save(ApiParts& parts, ApiRequest request,
                                          directory::Application application, int status) {
  text::Json body = settings_json(application.settings);
  if (auto read = read_fields(request, kVoiceFields, *body.object()); !read)
    co_return tl::unexpected(read.error());
  if (auto read = read_fields(request, kApplicationFields, *body.object()); !read) {
    co_return tl::unexpected(read.error());
  }
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  if (body["date_created"].is_null()) body.object()->set("date_created", now);
  body.object()->set("date_updated", now);
  application.name = request.text("FriendlyName", application.name);
  application.settings[std::string(kDialect)] = text::to_text(body);
  store::LiveDirectory::Change change{{application}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return refuse(changed.error());
  co_return ApiReply{status, render(request, application), {}};
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_applications(ApiParts& parts, ApiRequest request) {
  std::vector<text::Json> items;
  for (const directory::Application& each : parts.shared.services.directory.now()->all().applications) {
    if (each.account != request.account.id || each.dialect != kDialect) continue;
    if (request.has("FriendlyName") && each.name != request.text("FriendlyName")) continue;
    items.push_back(render(request, each));
  }
  std::reverse(items.begin(), items.end());
  co_return paginate(request, "applications", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_application(ApiParts& parts, ApiRequest request) {
  directory::Application application;
  application.id = directory::ApplicationId::make(parts.shared.services.random);
  application.account = request.account.id;
  application.dialect = kDialect;
  ApiResult<ApiReply> reply = co_await save(parts, std::move(request), std::move(application), 201);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> show_application(ApiParts& parts, ApiRequest request) {
  const directory::Application* found = find(parts, request);
  if (found == nullptr) co_return not_found(request.http.path);
  co_return ApiReply{200, render(request, *found), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_application(ApiParts& parts, ApiRequest request) {
  const directory::Application* found = find(parts, request);
  if (found == nullptr) co_return not_found(request.http.path);
  directory::Application application = *found;
  ApiResult<ApiReply> reply = co_await save(parts, std::move(request), std::move(application), 200);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> erase_application(ApiParts& parts, ApiRequest request) {
  const directory::Application* found = find(parts, request);
  if (found == nullptr) co_return not_found(request.http.path);
  store::LiveDirectory::Change change{{}, {found->id}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return refuse(changed.error());
  co_return ApiReply{204, {}, {}};
}

}  // namespace sotto::twilio
