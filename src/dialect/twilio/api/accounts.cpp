#include "dialect/twilio/accounts.h"

#include "crypto/password.h"
#include "dialect/host/await.h"
#include "dialect/twilio/api/request.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

text::Json render(const ApiParts& parts, const Accounts::Account& account) {
  const AccountSettings& settings = account.settings;
  const std::string uri = "/2010-04-01/Accounts/" + settings.account_sid;
  const Accounts::Account* owner =
      account.parent ? parts.shared.accounts.by_hex(base::to_hex(*account.parent)) : nullptr;
  const std::string created = settings.created.empty() ? rfc2822(base::WallTime{}) : settings.created;
  text::JsonObject links;
  for (const auto& [key, path] : std::initializer_list<std::pair<const char*, const char*>>{
           {"available_phone_numbers", "AvailablePhoneNumbers"},
           {"calls", "Calls"},
           {"conferences", "Conferences"},
           {"incoming_phone_numbers", "IncomingPhoneNumbers"},
           {"notifications", "Notifications"},
           {"outgoing_caller_ids", "OutgoingCallerIds"},
           {"recordings", "Recordings"},
           {"applications", "Applications"},
           {"queues", "Queues"},
           {"keys", "Keys"},
           {"signing_keys", "SigningKeys"},
           {"transcriptions", "Transcriptions"},
           {"sip", "SIP"},
           {"balance", "Balance"}}) {
    links.add(key, uri + "/" + path + ".json");
  }
  text::JsonObject out;
  out.add("auth_token", settings.auth_token);
  out.add("date_created", created);
  out.add("date_updated", created);
  out.add("friendly_name", settings.friendly_name.empty() ? account.name : settings.friendly_name);
  out.add("owner_account_sid", owner == nullptr ? settings.account_sid : owner->settings.account_sid);
  out.add("sid", settings.account_sid);
  out.add("status", settings.status);
  out.add("subresource_uris", std::move(links));
  out.add("type", "Full");
  out.add("uri", uri + ".json");
  return text::Json(std::move(out));
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_accounts(ApiParts& parts, ApiRequest request) {
  std::vector<text::Json> items;
  for (const Accounts::Account& each : parts.shared.accounts.all()) {
    if (each.id != request.account.id && each.parent != request.account.id) continue;
    text::Json shown = render(parts, each);
    const bool wanted =
        (!request.has("FriendlyName") || *shown["friendly_name"].text() == request.text("FriendlyName")) &&
        (!request.has("Status") || each.settings.status == request.text("Status"));
    if (wanted) items.push_back(std::move(shown));
  }
  co_return paginate(request, "accounts", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_account(ApiParts& parts, ApiRequest request) {
  base::Random& random = parts.shared.services.random;
  directory::Account account;
  account.id = directory::AccountId::make(random);
  account.parent = request.account.id;
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  account.name = request.text("FriendlyName", "SubAccount Created at " + now);
  AccountSettings settings;
  settings.account_sid = sid("AC", account.id);
  settings.auth_token = new_sid("", random);
  settings.friendly_name = account.name;
  settings.created = now;
  account.settings[std::string(kDialect)] = to_json(settings);
  store::LiveDirectory::Change change{{account}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return refuse(changed.error());
  co_return ApiReply{201, render(parts, *parts.shared.accounts.by_sid(settings.account_sid)), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_account(ApiParts& parts, ApiRequest request) {
  co_return ApiReply{200, render(parts, request.account), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_account(ApiParts& parts, ApiRequest request) {
  const auto status =
      request.choice("Status", {"active", "suspended", "closed"}, request.account.settings.status, 20001);
  if (!status) co_return tl::unexpected(status.error());
  const directory::Account* found = parts.shared.services.directory.now()->account(request.account.id);
  if (found == nullptr) co_return not_found(request.http.path);
  if (*status != "active" && !found->parent) {
    co_return refuse(400, 21470, "Status: the main account stays active");
  }
  directory::Account account = *found;
  AccountSettings settings = settings_of(account);
  settings.friendly_name = request.text("FriendlyName", settings.friendly_name);
  settings.status = *status;
  account.active = *status == "active";
  account.settings[std::string(kDialect)] = to_json(settings);
  store::LiveDirectory::Change change{{account}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return refuse(changed.error());
  co_return ApiReply{200, render(parts, *parts.shared.accounts.by_sid(settings.account_sid)), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_balance(ApiParts&, ApiRequest request) {
  co_return ApiReply{
      200,
      text::Json(text::JsonObject{
          {"account_sid", request.account.settings.account_sid}, {"balance", "0.00"}, {"currency", "USD"}}),
      {}};
}

// Clients of this server need no relay: it gives its own address.
asio::awaitable<ApiResult<ApiReply>> create_token(ApiParts& parts, ApiRequest request) {
  const auto ttl = request.whole("Ttl", 86'400, 1, 86'400, 20001);
  if (!ttl) co_return tl::unexpected(ttl.error());
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  text::JsonObject out;
  out.add("username", new_sid("", parts.shared.services.random));
  out.add("password", crypto::make_token(parts.shared.services.random));
  out.add("ttl", std::to_string(*ttl));
  out.add("account_sid", request.account.settings.account_sid);
  out.add("date_created", now);
  out.add("date_updated", now);
  out.add("ice_servers", text::JsonArray{});
  co_return ApiReply{201, text::Json(std::move(out)), {}};
}

}  // namespace sotto::twilio
