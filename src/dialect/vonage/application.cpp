#include "dialect/vonage/application.h"

#include <algorithm>

#include "crypto/keys.h"
#include "dialect/vonage/account.h"
#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::vonage {
namespace {

using std::chrono::milliseconds;
using text::Json;
using text::JsonField;
using text::JsonObject;

struct HookKind {
  std::string_view name;
  std::string_view default_method;
  int64_t reply_timeout_ms;  // default and longest
};
constexpr HookKind kHooks[] = {
    {"answer_url", "GET", 5000}, {"event_url", "POST", 10'000}, {"fallback_answer_url", "GET", 5000}};
constexpr std::string_view kRegions[] = {"na-east", "na-west",  "eu-east",
                                         "eu-west", "apac-sng", "apac-australia"};

Webhook hook_of(const Json& capabilities, const HookKind& kind) {
  const JsonField field = JsonField(capabilities)["voice"]["webhooks"][kind.name];
  Webhook webhook;
  webhook.hook.url = field["address"].text().value_or(std::string());
  const std::string method = field["http_method"].text().value_or(std::string(kind.default_method));
  webhook.hook.method = method == "GET" ? http::Method::Get : http::Method::Post;
  webhook.connect_timeout = milliseconds(field["connect_timeout"].lenient_integer().value_or(1000));
  webhook.reply_timeout =
      milliseconds(field["socket_timeout"].lenient_integer().value_or(kind.reply_timeout_ms));
  return webhook;
}

class Reader {
 public:
  explicit Reader(ReadApplication& out) : out_(out) {}

  void refuse(const JsonField& field, std::string reason) {
    out_.invalid.push_back({field.path(), std::move(reason)});
  }

  Json read_hook(const JsonField& field, const HookKind& kind) {
    JsonObject shown;
    const std::string address(text::trim(field["address"].text().value_or(std::string())));
    const auto uri = text::parse_uri(address);
    const bool web = uri && (uri->scheme == "http" || uri->scheme == "https");
    if (!address.empty() && !web) refuse(field["address"], "must be an http or https URL");
    if (field["address"].present() && field["address"].value().text() == nullptr) {
      refuse(field["address"], "must be a string");
    }
    shown.set("address", address);
    const std::string method = field["http_method"].null_or_absent()
                                   ? std::string(kind.default_method)
                                   : field["http_method"].lenient_text().value_or(std::string());
    if (method != "GET" && method != "POST") refuse(field["http_method"], "must be one of: GET, POST");
    shown.set("http_method", method);
    read_timeouts(field, kind, shown);
    return shown;
  }

  // Absent, or an object: otherwise nothing in it can be meant.
  bool is_object(const JsonField& field) {
    if (field.null_or_absent() || field.value().object() != nullptr) return true;
    refuse(field, "must be an object");
    return false;
  }

  bool read_boolean(const JsonField& field, bool otherwise) {
    if (field.null_or_absent()) return otherwise;
    const auto value = field.lenient_boolean();
    if (!value) refuse(field, "must be a boolean");
    return value.value_or(otherwise);
  }

  void read_number(const JsonField& field, std::string_view name, int64_t min, int64_t max,
                   JsonObject& shown) {
    if (field.null_or_absent()) return;
    const auto value = field.lenient_integer();
    if (!value || *value < min || *value > max) {
      return refuse(field, "must be between " + std::to_string(min) + " and " + std::to_string(max));
    }
    shown.set(name, *value);
  }

  void read_voice(const JsonField& voice, bool sign_by_default) {
    JsonObject shown;
    JsonObject hooks;
    if (!is_object(voice) || !is_object(voice["webhooks"])) return;
    for (const HookKind& kind : kHooks) {
      const JsonField hook = voice["webhooks"][kind.name];
      if (is_object(hook) && !hook.null_or_absent()) hooks.set(kind.name, read_hook(hook, kind));
    }
    shown.set("webhooks", std::move(hooks));
    shown.set("signed_callbacks", read_boolean(voice["signed_callbacks"], sign_by_default));
    shown.set("conversations_ttl", 48);
    shown.set("leg_persistence_time", 2);
    read_number(voice["conversations_ttl"], "conversations_ttl", 1, 9000, shown);
    read_number(voice["leg_persistence_time"], "leg_persistence_time", 1, 31, shown);
    read_region(voice["region"], shown);
    out_.settings.capabilities.object()->set("voice", std::move(shown));
  }

  // What other capabilities hold is kept as it is given.
  void read_capabilities(const JsonField& capabilities, bool sign_by_default) {
    if (!is_object(capabilities) || capabilities.null_or_absent()) return;
    out_.settings.capabilities = capabilities.value();
    for (const text::JsonMember& each : capabilities.value().object()->members()) {
      const JsonField capability = capabilities[each.key];
      if (each.key != "voice") (void)is_object(capability);
    }
    if (!capabilities["voice"].null_or_absent()) read_voice(capabilities["voice"], sign_by_default);
  }

  void read_name(const JsonField& name) {
    out_.name = name.lenient_text().value_or(std::string());
    const bool text = name.null_or_absent() || name.lenient_text().has_value();
    if (text::trim(out_.name).empty()) refuse(name, text ? "Is required." : "must be a string");
  }

  void read_key(const JsonField& keys) {
    const JsonField key = keys["public_key"];
    if (!is_object(keys) || key.null_or_absent()) return;
    const auto pem = crypto::PublicKey::from_pem(key.text().value_or(std::string()));
    if (!pem) return refuse(key, "must be an RSA public key in PEM format");
    out_.public_key = pem->to_pem();
  }

  void read_privacy(const JsonField& privacy) {
    if (!is_object(privacy)) return;
    // The interactive prompt of one client writes improveAi.
    const bool other = privacy["improve_ai"].null_or_absent();
    const bool improve = read_boolean(privacy[other ? "improveAi" : "improve_ai"], false);
    out_.settings.privacy = JsonObject{{"improve_ai", improve}};
  }

 private:
  void read_region(const JsonField& field, JsonObject& shown) {
    if (field.null_or_absent()) return;
    const std::string region = field.text().value_or(std::string());
    std::string regions;
    for (const std::string_view each : kRegions) {
      if (region == each) return shown.set("region", region);
      regions.append(regions.empty() ? "" : ", ").append(each);
    }
    refuse(field, "must be one of: " + regions);
  }

  // The first had another name in 2021; whoever reads it finds both.
  void read_timeouts(const JsonField& field, const HookKind& kind, JsonObject& shown) {
    const JsonField old = field["connection_timeout"];
    const JsonField connect = field["connect_timeout"].null_or_absent() ? old : field["connect_timeout"];
    read_number(connect, "connect_timeout", 300, 1000, shown);
    if (const text::Json* read = shown.find("connect_timeout")) shown.set("connection_timeout", Json(*read));
    read_number(field["socket_timeout"], "socket_timeout", 1000, kind.reply_timeout_ms, shown);
  }

  ReadApplication& out_;
};

struct FlatHook {
  std::string_view url;
  std::string_view method;
};
constexpr FlatHook kFlatHooks[] = {{"answer_url", "answer_method"}, {"event_url", "event_method"}};
constexpr std::string_view kFlatTypes[] = {"voice", "messages", "rtc"};

// The first version's flat fields, as a body of the second.
Json body_of_version_one(const JsonField& flat) {
  JsonObject hooks;
  for (const FlatHook& each : kFlatHooks) {
    if (flat[each.url].null_or_absent()) continue;
    JsonObject hook{{"address", flat[each.url].value()}};
    if (!flat[each.method].null_or_absent()) hook.set("http_method", flat[each.method].value());
    hooks.set(each.url, std::move(hook));
  }
  JsonObject capability{{"webhooks", std::move(hooks)}};
  JsonObject capabilities;
  capabilities.set(flat["type"].lenient_text().value_or(std::string()), std::move(capability));
  return JsonObject{{"name", flat["name"].value()}, {"capabilities", std::move(capabilities)}};
}

std::string flat_name(const std::string& name) {
  for (const FlatHook& each : kFlatHooks) {
    const std::string place = "capabilities.voice.webhooks." + std::string(each.url);
    if (name == place + ".address") return std::string(each.url);
    if (name == place + ".http_method") return std::string(each.method);
  }
  return name;
}

}  // namespace

Webhook ApplicationSettings::answer() const {
  return hook_of(capabilities, kHooks[0]);
}
Webhook ApplicationSettings::events() const {
  return hook_of(capabilities, kHooks[1]);
}
Webhook ApplicationSettings::fallback() const {
  return hook_of(capabilities, kHooks[2]);
}

bool ApplicationSettings::signed_callbacks() const {
  return JsonField(capabilities)["voice"]["signed_callbacks"].lenient_boolean().value_or(false);
}

std::chrono::days ApplicationSettings::persistence() const {
  return std::chrono::days(
      JsonField(capabilities)["voice"]["leg_persistence_time"].lenient_integer().value_or(2));
}

ApplicationSettings settings_of(const directory::Application& application) {
  ApplicationSettings settings;
  const auto it = application.settings.find(std::string(kDialect));
  if (it == application.settings.end()) return settings;
  const auto json = text::parse_json(it->second);
  if (!json) return settings;
  const JsonField root(*json);
  settings.public_key = root["public_key"].text().value_or(std::string());
  if (root["capabilities"].value().object() != nullptr) settings.capabilities = root["capabilities"].value();
  if (root["privacy"].value().object() != nullptr) settings.privacy = root["privacy"].value();
  return settings;
}

std::string to_json(const ApplicationSettings& settings) {
  return text::to_text(Json(JsonObject{{"public_key", settings.public_key},
                                       {"capabilities", settings.capabilities},
                                       {"privacy", settings.privacy}}));
}

ReadApplication read_application(const Json& body, bool sign_by_default) {
  ReadApplication out;
  Reader reader(out);
  const JsonField root(body);
  reader.read_name(root["name"]);
  reader.read_key(root["keys"]);
  reader.read_capabilities(root["capabilities"], sign_by_default);
  reader.read_privacy(root["privacy"]);
  return out;
}

ReadApplication read_application_v1(const Json& flat, bool sign_by_default) {
  const JsonField root(flat);
  ReadApplication out = read_application(body_of_version_one(root), sign_by_default);
  for (InvalidParameter& each : out.invalid) each.name = flat_name(each.name);
  const std::string type = root["type"].lenient_text().value_or(std::string());
  if (type.empty()) {
    out.invalid.push_back({"type", "Is required."});
  } else if (std::find(std::begin(kFlatTypes), std::end(kFlatTypes), type) == std::end(kFlatTypes)) {
    out.invalid.push_back({"type", "must be one of: voice, messages, rtc"});
  }
  for (const FlatHook& each : kFlatHooks) {
    const bool empty = text::trim(root[each.url].lenient_text().value_or(std::string())).empty();
    if (type == "voice" && empty) out.invalid.push_back({std::string(each.url), "Is required."});
  }
  return out;
}

}  // namespace sotto::vonage
