#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"
#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::vonage {
namespace {

using directory::Number;
using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int kRefused = 420;  // the vendor's own status for a method that failed
constexpr std::string_view kFailed = "method failed";
constexpr std::string_view kFeature = "VOICE";
constexpr int64_t kPageMax = 100;
constexpr int64_t kIndexMax = 1'000'000;

std::string value_of(const text::Parameters& fields, std::string_view name) {
  const std::string* value = text::find_parameter(fields, name);
  return value == nullptr ? std::string() : *value;
}

http::Response refuse(std::string_view why) {
  return number_result(kRefused, why);
}

http::Response success() {
  return number_result(200, "success");
}

// How many, and which page of them, counted from 1.
struct Page {
  size_t first = 0;
  size_t count = 10;
};
Page page_of(const text::Parameters& fields) {
  const auto read = [&](std::string_view name, int64_t otherwise, int64_t max) {
    const Json value(value_of(fields, name));
    return std::clamp<int64_t>(text::JsonField(value).lenient_integer().value_or(otherwise), 1, max);
  };
  Page page;
  page.count = static_cast<size_t>(read("size", 10, kPageMax));
  page.first = static_cast<size_t>(read("index", 1, kIndexMax) - 1) * page.count;
  return page;
}

// `search_pattern` is 0 for starts with, 1 for contains, 2 for ends with; stars are decoration.
bool matches(const std::string& digits, const text::Parameters& fields) {
  std::string pattern = value_of(fields, "pattern");
  std::erase_if(pattern, [](char c) { return c == '*' || c == '+'; });
  if (pattern.empty()) return true;
  const std::string where = value_of(fields, "search_pattern");
  if (where == "1") return digits.find(pattern) != std::string::npos;
  if (where == "2") return digits.ends_with(pattern);
  return digits.starts_with(pattern);
}

std::string type_of(const Number& number) {
  const std::string_view digits = number.digits;
  const bool free = number.country == "US" && (digits.starts_with("1800") || digits.starts_with("1888"));
  return free ? "landline-toll-free" : "landline";
}

JsonObject base_object(const Number& number) {
  JsonArray features;
  features.emplace_back(kFeature);
  return JsonObject{{"country", number.country},
                    {"msisdn", number.digits},
                    {"type", type_of(number)},
                    {"features", std::move(features)}};
}

Json own_settings(const Number& number) {
  const auto it = number.settings.find(std::string(kDialect));
  if (it == number.settings.end()) return JsonObject{};
  return text::parse_json(it->second).value_or(Json(JsonObject{}));
}

Json owned_object(const Number& number) {
  JsonObject object = base_object(number);
  const Json settings = own_settings(number);
  object.add("moHttpUrl", settings["moHttpUrl"].is_null() ? Json("") : settings["moHttpUrl"]);
  if (const auto* app = std::get_if<directory::ToApplication>(&number.assignment)) {
    object.add("voiceCallbackType", "app");
    object.add("voiceCallbackValue", base::to_uuid(app->application));
    object.add("app_id", base::to_uuid(app->application));
  } else if (!settings["voiceCallbackType"].is_null()) {
    object.add("voiceCallbackType", settings["voiceCallbackType"]);
    object.add("voiceCallbackValue", settings["voiceCallbackValue"]);
  }
  return object;
}

Result<void> check_number(const text::Parameters& fields, std::string_view name, int64_t min, int64_t max) {
  const std::string text = value_of(fields, name);
  const Json value(text);
  const auto number = text::JsonField(value).lenient_integer();
  if (text.empty() || (number && *number >= min && *number <= max)) return {};
  return fail(ErrorCode::OutOfRange,
              std::string(name) + ": must be between " + std::to_string(min) + " and " + std::to_string(max));
}

Result<void> check_word(const text::Parameters& fields, std::string_view name,
                        std::initializer_list<std::string_view> words) {
  for (const auto& [given, value] : fields) {
    if (given != name) continue;
    for (const std::string_view each : text::split(value, ',')) {
      const bool known = each.empty() || std::any_of(words.begin(), words.end(), [&](std::string_view word) {
                           return text::equal_ignoring_case(each, word);
                         });
      if (known) continue;
      std::string list;
      for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
      return fail(ErrorCode::Invalid, std::string(name) + ": must be one of: " + list);
    }
  }
  return {};
}

Result<void> check_country(const text::Parameters& fields) {
  const std::string country = value_of(fields, "country");
  const bool letters = std::all_of(country.begin(), country.end(), text::is_letter);
  if (country.empty() || (country.size() == 2 && letters)) return {};
  return fail(ErrorCode::Invalid, "country: must be two letters");
}

// What both lists are asked by (vonage.md §7.3).
Result<void> check_query(const text::Parameters& fields) {
  const std::string pattern = value_of(fields, "pattern");
  if (pattern.find_first_not_of("0123456789*+") != std::string::npos) {
    return fail(ErrorCode::Invalid, "pattern: may hold digits and stars");
  }
  for (const auto& checked :
       {check_country(fields), check_number(fields, "search_pattern", 0, 2),
        check_number(fields, "size", 1, kPageMax), check_number(fields, "index", 1, kIndexMax),
        check_word(fields, "type", {"landline", "mobile-lvn", "landline-toll-free"}),
        check_word(fields, "features", {"SMS", "VOICE", "MMS"}),
        check_word(fields, "has_application", {"true", "false"})}) {
    if (!checked) return checked;
  }
  const std::string app = value_of(fields, "application_id");
  if (!app.empty() && !base::parse_id<directory::ApplicationId>(app)) {
    return fail(ErrorCode::Invalid, "application_id: must be a uuid");
  }
  return {};
}

// What names one number, and what an update may say of it.
Result<void> check_change(const text::Parameters& fields) {
  for (const std::string_view name : {"country", "msisdn"}) {
    if (value_of(fields, name).empty()) {
      return fail(ErrorCode::NotFound, std::string(name) + ": is required");
    }
  }
  if (value_of(fields, "msisdn").find_first_not_of("+0123456789") != std::string::npos) {
    return fail(ErrorCode::Invalid, "msisdn: must be digits");
  }
  for (const std::string_view name : {"moHttpUrl", "voiceStatusCallback"}) {
    const std::string url = value_of(fields, name);
    const auto uri = text::parse_uri(url);
    if (!url.empty() && (!uri || (uri->scheme != "http" && uri->scheme != "https"))) {
      return fail(ErrorCode::Invalid, std::string(name) + ": must be an http or https URL");
    }
  }
  if (const auto country = check_country(fields); !country) return country;
  return check_word(fields, "messagesCallbackType", {"app"});
}

http::Response list_of(const std::vector<const Number*>& numbers, const text::Parameters& fields,
                       Json (*render)(const Number&)) {
  const Page page = page_of(fields);
  JsonArray shown;
  for (size_t i = page.first; i < std::min(numbers.size(), page.first + page.count); ++i) {
    shown.push_back(render(*numbers[i]));
  }
  // Without hits too: one client cannot do without the list.
  const JsonObject body{{"count", numbers.size()}, {"numbers", std::move(shown)}};
  return json_reply(200, Json(body));
}

Json for_sale_object(const Number& number) {
  JsonObject object = base_object(number);
  object.add("cost", "0.00");
  object.add("initialPrice", "0.00");
  return object;
}

const Number* find_number(const ApiContext& context, const text::Parameters& fields) {
  std::string digits;
  for (const char c : value_of(fields, "msisdn")) {
    if (text::is_digit(c)) digits += c;
  }
  const Number* number = context.services.directory.now()->number(std::string_view(digits));
  const std::string country = value_of(fields, "country");
  const bool there =
      number != nullptr && (country.empty() || text::equal_ignoring_case(country, number->country));
  return there ? number : nullptr;
}

asio::awaitable<http::Response> put(ApiContext& context, Number number) {
  store::LiveDirectory::Change change;
  change.put.emplace_back(std::move(number));
  Result<void> changed = co_await dialect::change(context.services, std::move(change));
  if (!changed) co_return refuse(changed.error().detail);
  co_return success();
}

// The address of one entry of a SIP forward: its parameters are the transport's, but for the timeout.
base::Address sip_address(std::string_view entry) {
  const size_t timeout = entry.find(";timeout=");
  std::string uri(text::trim(entry.substr(0, timeout)));
  if (!uri.starts_with("sip:") && !uri.starts_with("sips:")) uri = "sip:" + uri;
  return {base::Address::Kind::Sip, std::move(uri), {}};
}

Result<directory::Assignment> forward_to(const std::string& type, const std::string& value) {
  directory::ToAddresses to;
  if (type == "tel") {
    std::string digits;
    for (const char c : value) {
      if (text::is_digit(c)) digits += c;
    }
    if (!digits.empty()) to.in_turn.push_back({base::Address::Kind::Number, digits, {}});
  } else {
    for (const std::string_view entry : text::split(value, ',')) {
      if (!text::trim(entry).empty()) to.in_turn.push_back(sip_address(entry));
    }
  }
  if (to.in_turn.empty()) return fail(ErrorCode::Invalid, "voiceCallbackValue: is required");
  return directory::Assignment(std::move(to));
}

// What a number update makes of the number's voice (vonage.md §7.3).
Result<void> read_link(const ApiContext& context, const Caller& caller, const text::Parameters& fields,
                       Number& number) {
  const std::string type = value_of(fields, "voiceCallbackType");
  const std::string* named = text::find_parameter(fields, "app_id");
  if (type == "sip" || type == "tel") {
    auto forward = forward_to(type, value_of(fields, "voiceCallbackValue"));
    if (!forward) return fail(forward.error());
    number.assignment = std::move(*forward);
    return {};
  }
  if (!type.empty() && type != "app")
    return fail(ErrorCode::Invalid, "voiceCallbackType: must be one of: app, sip, tel");
  const std::string app = named != nullptr ? *named : value_of(fields, "voiceCallbackValue");
  if (app.empty()) {
    number.assignment = std::monostate{};
    return {};
  }
  const auto id = base::parse_id<directory::ApplicationId>(app);
  const directory::Application* found = id ? context.services.directory.now()->application(*id) : nullptr;
  if (found == nullptr || found->account != caller.account)
    return fail(ErrorCode::NotFound, std::string(kFailed));
  number.assignment = directory::ToApplication{*id};
  return {};
}

}  // namespace

ApiReply list_numbers(ApiContext& context, Caller caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  if (const auto checked = check_query(fields); !checked) co_return refuse(checked.error().detail);
  const std::string app = value_of(fields, "application_id");
  const std::string linked = value_of(fields, "has_application");
  const std::string country = value_of(fields, "country");
  std::vector<const Number*> found;
  for (const Number& number : context.services.directory.now()->all().numbers) {
    const auto* to = std::get_if<directory::ToApplication>(&number.assignment);
    if (number.owner != caller.account || !matches(number.digits, fields)) continue;
    if (!country.empty() && !text::equal_ignoring_case(country, number.country)) continue;
    if (!app.empty() && (to == nullptr || base::to_uuid(to->application) != app)) continue;
    if (!linked.empty() && (linked == "true") != (to != nullptr)) continue;
    found.push_back(&number);
  }
  co_return list_of(found, fields, owned_object);
}

ApiReply search_numbers(ApiContext& context, Caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  const std::string country = value_of(fields, "country");
  if (country.empty()) co_return refuse("country: is required");
  if (const auto checked = check_query(fields); !checked) co_return refuse(checked.error().detail);
  const std::string type = value_of(fields, "type");
  bool voice_only = true;
  for (const auto& [name, value] : fields) {
    if (name != "features") continue;
    for (const std::string_view each : text::split(value, ',')) {
      voice_only = voice_only && (each.empty() || text::equal_ignoring_case(each, kFeature));
    }
  }
  std::vector<const Number*> found;
  for (const Number& number : context.services.directory.now()->all().numbers) {
    const bool asked = text::equal_ignoring_case(number.country, country) && voice_only &&
                       matches(number.digits, fields) && (type.empty() || type == type_of(number));
    if (!number.owner && asked) found.push_back(&number);
  }
  co_return list_of(found, fields, for_sale_object);
}

ApiReply buy_number(ApiContext& context, Caller caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  if (const auto checked = check_change(fields); !checked) co_return refuse(checked.error().detail);
  const Number* found = find_number(context, fields);
  if (found == nullptr) co_return refuse("The number is not for sale.");
  if (found->owner) co_return refuse("The number is owned already.");
  Number number = *found;
  number.owner = caller.account;
  http::Response response = co_await put(context, std::move(number));
  co_return response;
}

ApiReply cancel_number(ApiContext& context, Caller caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  if (const auto checked = check_change(fields); !checked) co_return refuse(checked.error().detail);
  const Number* found = find_number(context, fields);
  if (found == nullptr || found->owner != caller.account) co_return refuse(kFailed);
  Number number = *found;
  number.owner.reset();
  number.assignment = std::monostate{};
  number.settings.clear();
  http::Response response = co_await put(context, std::move(number));
  co_return response;
}

ApiReply update_number(ApiContext& context, Caller caller, http::Request request) {
  const auto fields = fields_of(request).value_or(text::Parameters{});
  if (const auto checked = check_change(fields); !checked) co_return refuse(checked.error().detail);
  const Number* found = find_number(context, fields);
  if (found == nullptr || found->owner != caller.account) co_return refuse(kFailed);
  Number number = *found;
  const auto names = [&fields](std::string_view name) {
    return text::find_parameter(fields, name) != nullptr;
  };
  const bool voice = names("app_id") || names("voiceCallbackType") || names("voiceCallbackValue");
  const bool messages = names("moHttpUrl") || names("moSmppSysType") || names("messagesCallbackType");
  // Nothing but the number clears its link; a message setting alone leaves it.
  if (voice || !messages) {
    if (const auto linked = read_link(context, caller, fields, number); !linked) {
      co_return refuse(linked.error().detail);
    }
  }
  JsonObject settings;
  const Json own = own_settings(number);
  if (const JsonObject* kept = own.object()) settings = *kept;
  for (const auto& [name, value] : fields) {
    const bool shown = name == "moHttpUrl" || name.starts_with("voiceCallback");
    if (shown && value_of(fields, "voiceCallbackType") != "app") settings.set(name, value);
  }
  if (voice && std::holds_alternative<directory::ToApplication>(number.assignment)) {
    settings.erase("voiceCallbackType");
    settings.erase("voiceCallbackValue");
  }
  number.settings[std::string(kDialect)] = text::to_text(Json(std::move(settings)));
  http::Response response = co_await put(context, std::move(number));
  co_return response;
}

}  // namespace sotto::vonage
