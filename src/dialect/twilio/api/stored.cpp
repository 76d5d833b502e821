#include "dialect/twilio/api/stored.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "crypto/password.h"
#include "dialect/host/await.h"
#include "dialect/twilio/json_text.h"
#include "dialect/twilio/sid.h"
#include "text/ascii.h"
#include "text/e164.h"

namespace sotto::twilio {
namespace {

using Kind = StoredField::Kind;

constexpr StoredField kName[] = {{"FriendlyName", "friendly_name"}};
constexpr StoredField kRequiredName[] = {{"FriendlyName", "friendly_name", Kind::Text, {}, true}};
constexpr StoredField kDomain[] = {
    {"DomainName", "domain_name", Kind::Text, {}, true},
    {"FriendlyName", "friendly_name", Kind::Text, "null"},
    {"VoiceUrl", "voice_url", Kind::Url, "null"},
    {"VoiceMethod", "voice_method", Kind::Method, "POST"},
    {"VoiceFallbackUrl", "voice_fallback_url", Kind::Url, "null"},
    {"VoiceFallbackMethod", "voice_fallback_method", Kind::Method, "POST"},
    {"VoiceStatusCallbackUrl", "voice_status_callback_url", Kind::Url, "null"},
    {"VoiceStatusCallbackMethod", "voice_status_callback_method", Kind::Method, "POST"},
    {"SipRegistration", "sip_registration", Kind::Flag, "false"},
    {"EmergencyCallingEnabled", "emergency_calling_enabled", Kind::Flag, "false"},
    {"Secure", "secure", Kind::Flag, "false"},
    {"ByocTrunkSid", "byoc_trunk_sid", Kind::Text, "null"},
    {"EmergencyCallerSid", "emergency_caller_sid", Kind::Text, "null"}};
constexpr StoredField kCredential[] = {{"Username", "username", Kind::Text, {}, true},
                                       {"Password", "", Kind::Text, {}, true}};
constexpr StoredField kAddress[] = {{"FriendlyName", "friendly_name", Kind::Text, {}, true},
                                    {"IpAddress", "ip_address", Kind::Ip, {}, true},
                                    {"CidrPrefixLength", "cidr_prefix_length", Kind::Whole, "32", false, 32}};
constexpr StoredField kList[] = {{"CredentialListSid", "sid", Kind::Text, {}, true}};
constexpr StoredField kAccess[] = {{"IpAccessControlListSid", "sid", Kind::Text, {}, true}};
constexpr StoredField kCallerId[] = {{"PhoneNumber", "phone_number", Kind::Number, {}, true},
                                     {"FriendlyName", "friendly_name", Kind::Text, "null"},
                                     {"CallDelay", "", Kind::Whole, "0", false, 60},
                                     {"Extension", "", Kind::Digits},
                                     {"StatusCallback", "", Kind::Url},
                                     {"StatusCallbackMethod", "", Kind::Method}};
constexpr std::string_view kOfDomain[] = {"credential_list_mappings:CredentialListMappings",
                                          "ip_access_control_list_mappings:IpAccessControlListMappings"};
constexpr std::string_view kOfList[] = {"credentials:Credentials"};
constexpr std::string_view kOfAccess[] = {"ip_addresses:IpAddresses"};

constexpr StoredKind kKinds[] = {
    {kKeyKind, "/Keys", "SK", "keys", kName, {}, {}, {}, false, false},
    {kKeyKind, "/SigningKeys", "SK", "signing_keys", kName, {}, {}, {}, false, false},
    {"twilio_caller_id", "/OutgoingCallerIds", "PN", "outgoing_caller_ids", kCallerId},
    {kDomainKind, "/SIP/Domains", "SD", "domains", kDomain, {}, {}, kOfDomain},
    {"twilio_credential_list",
     "/SIP/CredentialLists",
     "CL",
     "credential_lists",
     kRequiredName,
     {},
     {},
     kOfList},
    {"twilio_credential", "/SIP/CredentialLists/{CredentialListSid}/Credentials", "CR", "credentials",
     kCredential, "CredentialListSid", "credential_list_sid"},
    {"twilio_access_list",
     "/SIP/IpAccessControlLists",
     "AL",
     "ip_access_control_lists",
     kRequiredName,
     {},
     {},
     kOfAccess},
    {"twilio_address", "/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses", "IP", "ip_addresses",
     kAddress, "IpAccessControlListSid", "ip_access_control_list_sid"},
    {"twilio_domain_list", "/SIP/Domains/{DomainSid}/CredentialListMappings", "", "credential_list_mappings",
     kList, "DomainSid", "domain_sid"},
    {"twilio_domain_access", "/SIP/Domains/{DomainSid}/IpAccessControlListMappings", "",
     "ip_access_control_list_mappings", kAccess, "DomainSid", "domain_sid"},
    {"twilio_call_list",
     "/SIP/Domains/{DomainSid}/Auth/Calls/CredentialListMappings",
     "",
     "contents",
     kList,
     "DomainSid",
     "",
     {},
     true,
     false},
    {"twilio_call_access",
     "/SIP/Domains/{DomainSid}/Auth/Calls/IpAccessControlListMappings",
     "",
     "contents",
     kAccess,
     "DomainSid",
     "",
     {},
     true,
     false},
    {"twilio_registration_list",
     "/SIP/Domains/{DomainSid}/Auth/Registrations/CredentialListMappings",
     "",
     "contents",
     kList,
     "DomainSid",
     "",
     {},
     true,
     false},
};

// The collection's path with its parameters filled in.
std::string collection_uri(const ApiRequest& request) {
  std::string path(request.kind->collection);
  for (const auto& [name, value] : request.http.parameters) {
    const std::string hole = "{" + name + "}";
    const size_t at = path.find(hole);
    if (at != std::string::npos) path.replace(at, hole.size(), value);
  }
  return request.base + path;
}

bool is_ip_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  const auto parts = text::split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           int value = 0;
           const auto [end, wrong] = std::from_chars(part.data(), part.data() + part.size(), value);
           return wrong == std::errc() && end == part.data() + part.size() && value >= 0 && value <= 255;
         });
}

ApiResult<text::Json> read_field(const ApiRequest& request, const StoredField& field) {
  const std::string* value = request.find(field.parameter);
  const bool nothing = value == nullptr || value->empty();
  if (nothing && field.required)
    return refuse(400, 20001, "Missing required parameter " + std::string(field.parameter));
  switch (field.kind) {
    case Kind::Url: {
      auto url = request.url(field.parameter, 21402);
      if (!url) return tl::unexpected(url.error());
      break;
    }
    case Kind::Method: {
      auto method = request.method(field.parameter);
      if (!method) return tl::unexpected(method.error());
      return text::Json(to_string(*method));
    }
    case Kind::Flag: {
      auto flag = request.flag(field.parameter, field.fallback == "true");
      if (!flag) return tl::unexpected(flag.error());
      return text::Json(*flag);
    }
    case Kind::Whole: {
      int64_t fallback = 0;
      std::from_chars(field.fallback.data(), field.fallback.data() + field.fallback.size(), fallback);
      auto number = request.whole(field.parameter, fallback, 0, field.most, 20001);
      if (!number) return tl::unexpected(number.error());
      return text::Json(*number);
    }
    case Kind::Number: {
      auto digits = text::to_e164(*value, "US");
      if (!digits) return refuse(400, 21421, std::string(field.parameter) + ": " + digits.error().detail);
      return text::Json("+" + *digits);
    }
    case Kind::Digits: {
      if (nothing || value->find_first_not_of("0123456789*#wW") == std::string::npos) break;
      return refuse(400, 20001, std::string(field.parameter) + ": expected digits");
    }
    case Kind::Ip: {
      if (is_ip_address(*value)) break;
      return refuse(400, 20001, std::string(field.parameter) + ": expected an IPv4 or IPv6 address");
    }
    case Kind::Text: break;
  }
  if (!nothing) return text::Json(*value);
  if (field.fallback == "null") return text::Json();
  return text::Json(field.fallback);
}

// Username and password have the vendor's rules; the password is not kept where it could be read again.
ApiResult<void> check(const ApiRequest& request) {
  if (request.has("Password")) {
    const std::string password = request.text("Password");
    const auto any = [&password](auto test) { return std::any_of(password.begin(), password.end(), test); };
    const bool strong = password.size() >= 12 && any([](char c) { return c >= '0' && c <= '9'; }) &&
                        any([](char c) { return c >= 'a' && c <= 'z'; }) &&
                        any([](char c) { return c >= 'A' && c <= 'Z'; });
    if (!strong) return refuse(400, 21239, "Password: expected 12 characters, a digit and both cases");
  }
  if (request.kind->list_key == "domains" && request.has("DomainName") &&
      request.text("DomainName").find('.') == std::string::npos) {
    return refuse(400, 21231, "DomainName: expected a host name");
  }
  return {};
}

text::JsonObject render(const ApiRequest& request, const text::Json& body) {
  const StoredKind& kind = *request.kind;
  text::JsonObject out;
  const std::string sid = text_of(body["sid"]);
  out.add("sid", sid);
  if (kind.with_account) out.add("account_sid", request.account.settings.account_sid);
  if (!kind.parent_key.empty()) out.add(std::string(kind.parent_key), request.parameter(kind.parent));
  for (const StoredField& field : kind.fields) {
    if (!field.key.empty() && field.key != "sid") out.set(field.key, body[field.key]);
  }
  if (!out.find("friendly_name") && kind.prefix.empty()) out.add("friendly_name", body["friendly_name"]);
  out.add("date_created", body["date_created"]);
  out.add("date_updated", body["date_updated"]);
  const std::string uri = collection_uri(request) + "/" + sid;
  if (kind.with_uri) out.add("uri", uri + ".json");
  if (kind.list_key == "domains") {
    out.add("api_version", "2010-04-01");
    out.add("auth_type", "");
  }
  if (!kind.subresources.empty()) {
    text::JsonObject links;
    for (const std::string_view each : kind.subresources) {
      const size_t colon = each.find(':');
      links.add(std::string(each.substr(0, colon)),
                uri + "/" + std::string(each.substr(colon + 1)) + ".json");
    }
    out.add("subresource_uris", std::move(links));
  }
  return out;
}

// Unique over what it belongs to.
std::string document_id(const ApiRequest& request, const std::string& sid) {
  if (request.kind->parent.empty()) return sid;
  return std::string(request.parameter(request.kind->parent)) + "/" + sid;
}

asio::awaitable<ApiResult<store::Document>> find(ApiParts& parts, ApiRequest request) {
  const std::string id = document_id(request, std::string(request.parameter("Sid")));
  const std::string kind(request.kind->name);
  Result<store::Document> found = co_await stored_document(parts, kind, id);
  if (!found || found->account != request.account.hex) co_return not_found(request.http.path);
  co_return std::move(*found);
}

// What calls need is at hand without asking the store.
void note_domain(ApiParts& parts, const ApiRequest& request, const text::Json& body) {
  if (request.kind->name != kDomainKind) return;
  parts.shared.domains.set(text_of(body["sid"]), SipDomains::read(request.account.hex, body));
}

// A caller id is taken as verified: whoever has the account's token may present what its trunk lets through.
ApiReply verified(const ApiRequest& request, const text::Json& body) {
  return {200,
          text::Json(text::JsonObject{{"account_sid", request.account.settings.account_sid},
                                      {"call_sid", text::Json()},
                                      {"friendly_name", body["friendly_name"]},
                                      {"phone_number", body["phone_number"]},
                                      {"validation_code", "000000"}}),
          {}};
}

}  // namespace

std::span<const StoredKind> stored_kinds() {
  return kKinds;
}

asio::awaitable<Result<std::vector<store::Document>>> stored_documents(ApiParts& parts, std::string kind,
                                                                       std::string account_hex) {
  std::function<Result<std::vector<store::Document>>(store::Connection&)> query =
      [kind](store::Connection& connection) { return store::documents_of_kind(connection, kind); };
  Result<std::vector<store::Document>> all =
      co_await dialect::read<std::vector<store::Document>>(parts.shared.services, std::move(query));
  if (all) std::erase_if(*all, [&](const store::Document& each) { return each.account != account_hex; });
  co_return all;
}

asio::awaitable<Result<store::Document>> stored_document(ApiParts& parts, std::string kind, std::string id) {
  std::function<Result<store::Document>(store::Connection&)> query =
      [kind, id](store::Connection& connection) { return store::find_document(connection, kind, id); };
  Result<store::Document> found =
      co_await dialect::read<store::Document>(parts.shared.services, std::move(query));
  co_return found;
}

asio::awaitable<Result<void>> put_stored(ApiParts& parts, store::Document document) {
  const base::WallTime now = parts.shared.services.loop.clock().wall();
  store::Store::Change change = [document, now](store::Connection& connection) {
    return store::overwrite_document(connection, document, now);
  };
  Result<void> written = co_await dialect::write(parts.shared.services, std::move(change));
  co_return written;
}

asio::awaitable<Result<void>> erase_stored_document(ApiParts& parts, std::string kind, std::string id) {
  store::Store::Change change = [kind, id](store::Connection& connection) {
    return store::erase_document(connection, kind, id);
  };
  Result<void> written = co_await dialect::write(parts.shared.services, std::move(change));
  co_return written;
}

namespace {

// Of the list that a domain is mapped to; it must be there.
asio::awaitable<ApiResult<std::string>> name_of_mapped(ApiParts& parts, ApiRequest request) {
  const std::string_view parameter = request.kind->fields.front().parameter;
  const std::string given = request.text(parameter);
  if (given.empty()) co_return refuse(400, 20001, "Missing required parameter " + std::string(parameter));
  const std::string kind = parameter == "CredentialListSid" ? "twilio_credential_list" : "twilio_access_list";
  Result<store::Document> list = co_await stored_document(parts, kind, given);
  if (!list || list->account != request.account.hex) {
    co_return refuse(404, 20404, std::string(parameter) + ": there is no list " + given);
  }
  const auto body = text::parse_json(list->body);
  co_return body ? text_of((*body)["friendly_name"]) : std::string();
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_stored(ApiParts& parts, ApiRequest request) {
  const std::string kind(request.kind->name);
  Result<std::vector<store::Document>> all = co_await stored_documents(parts, kind, request.account.hex);
  if (!all) co_return refuse(all.error());
  std::vector<text::Json> items;
  const std::string parent = request.kind->parent.empty()
                                 ? std::string()
                                 : std::string(request.parameter(request.kind->parent)) + "/";
  for (const store::Document& each : *all) {
    if (!each.id.starts_with(parent)) continue;
    const auto body = text::parse_json(each.body);
    if (!body) continue;
    bool wanted = true;
    for (const char* filter : {"FriendlyName", "PhoneNumber"}) {
      const std::string_view key = filter[0] == 'F' ? "friendly_name" : "phone_number";
      wanted = wanted && (!request.has(filter) || text_of((*body)[key]) == request.text(filter));
    }
    if (wanted) items.push_back(text::Json(render(request, *body)));
  }
  std::reverse(items.begin(), items.end());
  co_return paginate(request, request.kind->list_key, std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_stored(ApiParts& parts, ApiRequest request) {
  const StoredKind& kind = *request.kind;
  if (auto valid = check(request); !valid) co_return tl::unexpected(valid.error());
  text::JsonObject body;
  if (kind.prefix.empty()) {
    ApiResult<std::string> name = co_await name_of_mapped(parts, request);
    if (!name) co_return tl::unexpected(name.error());
    body.set("friendly_name", *name);
  }
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  if (!kind.prefix.empty()) body.add("sid", new_sid(kind.prefix, parts.shared.services.random));
  for (const StoredField& field : kind.fields) {
    auto value = read_field(request, field);
    if (!value) co_return tl::unexpected(value.error());
    if (!field.key.empty()) body.set(field.key, std::move(*value));
  }
  body.add("date_created", now);
  body.add("date_updated", now);
  std::string secret;
  if (kind.name == kKeyKind) {
    secret = crypto::make_token(parts.shared.services.random);
    body.add("fingerprint", crypto::token_fingerprint(secret));
  }
  store::Document document;
  document.kind = kind.name;
  document.account = request.account.hex;
  const text::Json stored(body);
  document.id = document_id(request, text_of(stored["sid"]));
  document.body = text::to_text(stored);
  const Result<void> written = co_await put_stored(parts, document);
  if (!written) co_return refuse(written.error());
  note_domain(parts, request, stored);
  if (kind.list_key == "outgoing_caller_ids") co_return verified(request, stored);
  text::JsonObject shown = render(request, stored);
  if (!secret.empty()) shown.add("secret", secret);
  co_return ApiReply{201, text::Json(std::move(shown)), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_stored(ApiParts& parts, ApiRequest request) {
  ApiResult<store::Document> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  const auto body = text::parse_json(found->body);
  co_return ApiReply{200, text::Json(render(request, body.value_or(text::Json()))), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_stored(ApiParts& parts, ApiRequest request) {
  if (auto valid = check(request); !valid) co_return tl::unexpected(valid.error());
  ApiResult<store::Document> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  text::Json body = text::parse_json(found->body).value_or(text::Json(text::JsonObject{}));
  for (const StoredField& field : request.kind->fields) {
    if (field.key.empty() || !request.has(field.parameter)) continue;
    auto value = read_field(request, field);
    if (!value) co_return tl::unexpected(value.error());
    body.object()->set(field.key, std::move(*value));
  }
  body.object()->set("date_updated", rfc2822(parts.shared.services.loop.clock().wall()));
  found->body = text::to_text(body);
  const store::Document changed = *found;
  const Result<void> written = co_await put_stored(parts, changed);
  if (!written) co_return refuse(written.error());
  note_domain(parts, request, body);
  co_return ApiReply{200, text::Json(render(request, body)), {}};
}

asio::awaitable<ApiResult<ApiReply>> erase_stored(ApiParts& parts, ApiRequest request) {
  ApiResult<store::Document> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  const Result<void> erased = co_await erase_stored_document(parts, found->kind, found->id);
  if (!erased) co_return refuse(erased.error());
  parts.shared.domains.forget(found->id);
  co_return ApiReply{204, {}, {}};
}

}  // namespace sotto::twilio
