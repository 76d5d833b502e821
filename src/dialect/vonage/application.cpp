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
    for (const HookKind& kind : kHooks) {
      const JsonField hook = voice["webhooks"][kind.name];
      if (!hook.null_or_absent()) hooks.set(kind.name, read_hook(hook, kind));
    }
    shown.set("webhooks", std::move(hooks));
    const JsonField sign = voice["signed_callbacks"];
    const auto wanted = sign.null_or_absent() ? Result<bool>(sign_by_default) : sign.lenient_boolean();
    if (!wanted) refuse(sign, "must be a boolean");
    shown.set("signed_callbacks", wanted.value_or(false));
    shown.set("conversations_ttl", 48);
    shown.set("leg_persistence_time", 2);
    read_number(voice["conversations_ttl"], "conversations_ttl", 1, 9000, shown);
    read_number(voice["leg_persistence_time"], "leg_persistence_time", 1, 31, shown);
    if (!voice["region"].null_or_absent()) shown.set("region", voice["region"].value());
    out_.settings.capabilities.object()->set("voice", std::move(shown));
  }

 private:
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

Json merged_privacy(const JsonField& privacy) {
  // The interactive prompt of one client writes improveAi.
  const JsonField field =
      privacy["improve_ai"].null_or_absent() ? privacy["improveAi"] : privacy["improve_ai"];
  return JsonObject{{"improve_ai", field.lenient_boolean().value_or(false)}};
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
  out.name = root["name"].lenient_text().value_or(std::string());
  if (text::trim(out.name).empty()) reader.refuse(root["name"], "Is required.");
  const JsonField key = root["keys"]["public_key"];
  if (!key.null_or_absent()) {
    const auto pem = crypto::PublicKey::from_pem(key.text().value_or(std::string()));
    if (!pem) {
      reader.refuse(key, "must be an RSA public key in PEM format");
    } else {
      out.public_key = pem->to_pem();
    }
  }
  const JsonField capabilities = root["capabilities"];
  if (!capabilities.null_or_absent() && capabilities.value().object() == nullptr) {
    reader.refuse(capabilities, "must be an object");
  } else if (!capabilities.null_or_absent()) {
    out.settings.capabilities = capabilities.value();
    if (!capabilities["voice"].null_or_absent()) reader.read_voice(capabilities["voice"], sign_by_default);
  }
  out.settings.privacy = merged_privacy(root["privacy"]);
  return out;
}

Json body_of_version_one(const JsonField& flat) {
  JsonObject hooks;
  for (const auto& [url, method] :
       {std::pair{"answer_url", "answer_method"}, std::pair{"event_url", "event_method"}}) {
    if (flat[url].null_or_absent()) continue;
    JsonObject hook{{"address", flat[url].value()}};
    if (!flat[method].null_or_absent()) hook.set("http_method", flat[method].value());
    hooks.set(url, std::move(hook));
  }
  const std::string type = flat["type"].lenient_text().value_or("voice");
  JsonObject capabilities;
  capabilities.set(type == "voice" ? "voice" : type, JsonObject{{"webhooks", std::move(hooks)}});
  return JsonObject{{"name", flat["name"].value()}, {"capabilities", std::move(capabilities)}};
}

}  // namespace sotto::vonage
