#include <algorithm>
#include <set>

#include "dialect/host/await.h"
#include "dialect/twilio/api/resource_fields.h"
#include "dialect/twilio/number_settings.h"
#include "dialect/twilio/sid.h"
#include "text/e164.h"

namespace sotto::twilio {
namespace {

constexpr ResourceField kNumberFields[] = {
    {"VoiceApplicationSid", "voice_application_sid"},
    {"SmsApplicationSid", "sms_application_sid"},
    {"TrunkSid", "trunk_sid"},
    {"AddressSid", "address_sid"},
    {"IdentitySid", "identity_sid"},
    {"BundleSid", "bundle_sid"},
    {"EmergencyAddressSid", "emergency_address_sid"},
};

std::string formatted(const std::string& digits) {
  if (digits.size() != 11 || digits[0] != '1') return "+" + digits;
  return "(" + digits.substr(1, 3) + ") " + digits.substr(4, 3) + "-" + digits.substr(7);
}

text::Json optional(const text::Json& body, std::string_view key) {
  const std::string* value = body[key].text();
  return value == nullptr || value->empty() ? text::Json() : text::Json(*value);
}

text::JsonObject capabilities(bool fax) {
  text::JsonObject out{{"voice", true}, {"sms", false}, {"mms", false}};
  if (fax) out.add("fax", false);
  return out;
}

text::Json render(const ApiRequest& request, const directory::Number& number) {
  const text::Json body = settings_json(number.settings);
  const std::string id = sid("PN", number.id);
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("address_requirements", "none");
  out.add("api_version", "2010-04-01");
  out.add("beta", false);
  out.add("capabilities", capabilities(true));
  out.add("date_created", optional(body, "date_created"));
  out.add("date_updated", optional(body, "date_updated"));
  out.add("friendly_name", number.label.empty() ? formatted(number.digits) : number.label);
  out.add("phone_number", "+" + number.digits);
  out.add("origin", "twilio");
  out.add("sid", id);
  show_fields(body, kVoiceFields, out);
  show_fields(body, kNumberFields, out);
  for (const char* key :
       {"address_sid", "identity_sid", "bundle_sid", "trunk_sid", "emergency_address_sid"}) {
    out.set(key, optional(body, key));
  }
  out.add("voice_receive_mode", "voice");
  out.add("emergency_status", "Inactive");
  out.add("emergency_address_status", "unregistered");
  out.add("status", "in-use");
  out.add("type", "local");
  out.add("subresource_uris", text::JsonObject{{"assigned_add_ons", request.base + "/IncomingPhoneNumbers/" +
                                                                        id + "/AssignedAddOns.json"}});
  out.add("uri", request.base + "/IncomingPhoneNumbers/" + id + ".json");
  return text::Json(std::move(out));
}

// "*" stands for any digits, and anything else for itself anywhere in the number.
bool matches(const std::string& digits, std::string pattern) {
  std::erase(pattern, '+');
  if (pattern.find('*') == std::string::npos) return digits.find(pattern) != std::string::npos;
  size_t at = 0;
  bool first = true;
  size_t begin = 0;
  while (begin <= pattern.size()) {
    const size_t star = std::min(pattern.find('*', begin), pattern.size());
    const std::string piece = pattern.substr(begin, star - begin);
    const size_t found = digits.find(piece, at);
    if (found == std::string::npos || (first && !piece.empty() && found != 0)) return false;
    at = found + piece.size();
    first = false;
    begin = star + 1;
  }
  return true;
}

const directory::Number* find(const ApiParts& parts, const ApiRequest& request) {
  const auto id = parse_sid<directory::NumberId>(request.parameter("Sid"), "PN");
  const directory::Number* number = id ? parts.shared.services.directory.now()->number(*id) : nullptr;
  return number != nullptr && number->owner == request.account.id ? number : nullptr;
}

bool runs_here(const directory::Number& number) {
  return std::holds_alternative<std::monostate>(number.assignment) ||
         std::holds_alternative<directory::ToDialect>(number.assignment);
}

// What was asked of the number, and that its calls are this dialect's from now on.
ApiResult<void> read_number(const ApiParts& parts, const ApiRequest& request, directory::Number& number) {
  text::Json body = settings_json(number.settings);
  if (auto read = read_fields(request, kVoiceFields, *body.object()); !read) return read;
  if (auto read = read_fields(request, kNumberFields, *body.object()); !read) return read;
  const auto mode = request.choice("VoiceReceiveMode", {"voice", "fax"}, "voice", 20001);
  if (!mode) return tl::unexpected(mode.error());
  const auto emergency = request.choice("EmergencyStatus", {"Active", "Inactive"}, "Inactive", 20001);
  if (!emergency) return tl::unexpected(emergency.error());
  const std::string application = request.text("VoiceApplicationSid");
  if (!application.empty()) {
    const auto id = parse_sid<directory::ApplicationId>(application, "AP");
    const directory::Application* found =
        id ? parts.shared.services.directory.now()->application(*id) : nullptr;
    if (found == nullptr || found->account != request.account.id) {
      return refuse(400, 21420, "VoiceApplicationSid: there is no such application");
    }
  }
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  if (body["date_created"].is_null()) body.object()->set("date_created", now);
  body.object()->set("date_updated", now);
  if (request.has("FriendlyName")) number.label = request.text("FriendlyName");
  number.settings[std::string(kDialect)] = text::to_text(body);
  const bool voice = request.has("VoiceUrl") || request.has("VoiceApplicationSid");
  if (voice || runs_here(number)) number.assignment = directory::ToDialect{std::string(kDialect)};
  return {};
}

ApiError of_change(const Error& error) {
  if (error.code == ErrorCode::Forbidden) return {403, 20403, error.detail};
  return refuse(error).value();
}

// By its digits, or the first for sale with that area code.
ApiResult<directory::Number> choose(const ApiParts& parts, const ApiRequest& request) {
  const directory::Snapshot& directory = *parts.shared.services.directory.now();
  if (request.has("PhoneNumber")) {
    const auto digits = text::to_e164(request.text("PhoneNumber"));
    if (!digits) return refuse(400, 21421, "PhoneNumber: " + digits.error().detail);
    const directory::Number* number = directory.number(std::string_view(*digits));
    if (number == nullptr || number->owner) {
      return refuse(400, 21422, "PhoneNumber: +" + *digits + " is not available");
    }
    return *number;
  }
  const std::string area = request.text("AreaCode");
  if (area.empty()) return refuse(400, 21451, "PhoneNumber or AreaCode is required");
  if (area.size() != 3 || area.find_first_not_of("0123456789") != std::string::npos) {
    return refuse(400, 21451, "AreaCode: expected three digits");
  }
  for (const directory::Number& number : directory.all().numbers) {
    if (!number.owner && number.digits.substr(1, 3) == area) return number;
  }
  return refuse(400, 21452, "AreaCode: no number of " + area + " is available");
}

std::vector<const directory::Number*> for_sale(const ApiParts& parts, std::string_view country) {
  std::vector<const directory::Number*> out;
  for (const directory::Number& number : parts.shared.services.directory.now()->all().numbers) {
    if (!number.owner && (country.empty() || number.country == country)) out.push_back(&number);
  }
  return out;
}

text::JsonObject country_of(const ApiRequest& request, const std::string& code) {
  const std::string uri = request.base + "/AvailablePhoneNumbers/" + code;
  return text::JsonObject{{"country_code", code},
                          {"country", code},
                          {"uri", uri + ".json"},
                          {"beta", false},
                          {"subresource_uris", text::JsonObject{{"local", uri + "/Local.json"},
                                                                {"toll_free", uri + "/TollFree.json"},
                                                                {"mobile", uri + "/Mobile.json"}}}};
}

ApiReply available(const ApiRequest& request, text::JsonArray numbers) {
  text::JsonObject out;
  out.add("uri", request.http.path);
  out.add("available_phone_numbers", std::move(numbers));
  return {200, text::Json(std::move(out)), {}};
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_numbers(ApiParts& parts, ApiRequest request) {
  const bool other_type = request.http.path.find("/Mobile") != std::string::npos ||
                          request.http.path.find("/TollFree") != std::string::npos;
  std::vector<text::Json> items;
  for (const directory::Number& number : parts.shared.services.directory.now()->all().numbers) {
    if (other_type || number.owner != request.account.id) continue;
    text::Json shown = render(request, number);
    const bool wanted =
        (!request.has("PhoneNumber") || matches(number.digits, request.text("PhoneNumber"))) &&
        (!request.has("FriendlyName") || *shown["friendly_name"].text() == request.text("FriendlyName")) &&
        request.text("Origin", "twilio") == "twilio";
    if (wanted) items.push_back(std::move(shown));
  }
  co_return paginate(request, "incoming_phone_numbers", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_number(ApiParts& parts, ApiRequest request) {
  auto number = choose(parts, request);
  if (!number) co_return tl::unexpected(number.error());
  number->owner = request.account.id;
  if (auto read = read_number(parts, request, *number); !read) co_return tl::unexpected(read.error());
  store::LiveDirectory::Change change{{*number}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return tl::unexpected(of_change(changed.error()));
  co_return ApiReply{201, render(request, *number), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_number(ApiParts& parts, ApiRequest request) {
  const directory::Number* number = find(parts, request);
  if (number == nullptr) co_return not_found(request.http.path);
  co_return ApiReply{200, render(request, *number), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_number(ApiParts& parts, ApiRequest request) {
  const directory::Number* found = find(parts, request);
  if (found == nullptr) co_return not_found(request.http.path);
  directory::Number number = *found;
  if (const std::string other = request.text("AccountSid"); !other.empty()) {
    const Accounts::Account* account = parts.shared.accounts.by_sid(other);
    const bool ours =
        account != nullptr && (account->id == request.account.id || account->parent == request.account.id ||
                               request.account.parent == account->id);
    if (!ours) co_return refuse(400, 21470, "AccountSid: there is no such account");
    number.owner = account->id;
  }
  if (auto read = read_number(parts, request, number); !read) co_return tl::unexpected(read.error());
  store::LiveDirectory::Change change{{number}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return tl::unexpected(of_change(changed.error()));
  co_return ApiReply{200, render(request, number), {}};
}

// Back into its pool, for sale again.
asio::awaitable<ApiResult<ApiReply>> erase_number(ApiParts& parts, ApiRequest request) {
  const directory::Number* found = find(parts, request);
  if (found == nullptr) co_return not_found(request.http.path);
  directory::Number number = *found;
  number.owner.reset();
  number.assignment = std::monostate{};
  number.label.clear();
  number.settings.clear();
  store::LiveDirectory::Change change{{number}, {}};
  const Result<void> changed = co_await dialect::change(parts.shared.services, std::move(change));
  if (!changed) co_return tl::unexpected(of_change(changed.error()));
  co_return ApiReply{204, {}, {}};
}

asio::awaitable<ApiResult<ApiReply>> list_countries(ApiParts& parts, ApiRequest request) {
  std::set<std::string> codes;
  for (const directory::Number* number : for_sale(parts, {})) codes.insert(number->country);
  text::JsonArray countries;
  for (const std::string& code : codes) countries.push_back(text::Json(country_of(request, code)));
  text::JsonObject out;
  out.add("countries", std::move(countries));
  out.add("uri", request.base + "/AvailablePhoneNumbers.json");
  co_return ApiReply{200, text::Json(std::move(out)), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_country(ApiParts& parts, ApiRequest request) {
  const std::string code(request.parameter("CountryCode"));
  if (for_sale(parts, code).empty()) co_return not_found(request.http.path);
  co_return ApiReply{200, text::Json(country_of(request, code)), {}};
}

asio::awaitable<ApiResult<ApiReply>> list_available(ApiParts& parts, ApiRequest request) {
  const std::string code(request.parameter("CountryCode"));
  const auto size = request.whole("PageSize", 50, 1, 1000, 20007);
  if (!size) co_return tl::unexpected(size.error());
  const std::string area = request.text("AreaCode");
  const bool voice = request.text("VoiceEnabled", "true") != "false";
  const bool only_voice = request.text("SmsEnabled") != "true" && request.text("MmsEnabled") != "true" &&
                          request.text("FaxEnabled") != "true" && request.text("Beta") != "true";
  text::JsonArray numbers;
  for (const directory::Number* number : for_sale(parts, code)) {
    const bool wanted = voice && only_voice &&
                        (area.empty() || number->digits.substr(1, area.size()) == area) &&
                        (!request.has("Contains") || matches(number->digits, request.text("Contains")));
    if (!wanted || static_cast<int64_t>(numbers.size()) == *size) continue;
    text::JsonObject item;
    item.add("friendly_name", formatted(number->digits));
    item.add("phone_number", "+" + number->digits);
    for (const char* key :
         {"lata", "locality", "rate_center", "latitude", "longitude", "region", "postal_code"}) {
      item.add(key, text::Json());
    }
    item.add("iso_country", number->country);
    item.add("address_requirements", "none");
    item.add("beta", false);
    item.add("capabilities", capabilities(false));
    numbers.push_back(text::Json(std::move(item)));
  }
  co_return available(request, std::move(numbers));
}

// Pools do not tell kinds of numbers apart: all of theirs are local ones.
asio::awaitable<ApiResult<ApiReply>> list_none_available(ApiParts&, ApiRequest request) {
  co_return available(request, {});
}

}  // namespace sotto::twilio
