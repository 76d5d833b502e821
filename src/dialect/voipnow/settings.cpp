#include "dialect/voipnow/settings.h"

#include <algorithm>

#include "crypto/password.h"
#include "dialect/voipnow/values.h"
#include "text/ascii.h"
#include "text/json_field.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonField;
using text::JsonObject;

// Some clients send these URL-encoded a second time, within multipart: only what encoding leaves as it is.
bool is_credential(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return text::is_digit(c) || text::is_letter(c) || c == '_' || c == '-' || c == '.';
  });
}

Result<std::string> read_string(const JsonField& field, std::string otherwise = {}) {
  if (field.null_or_absent()) return otherwise;
  return field.lenient_text();
}

Result<bool> read_bool(const JsonField& field, bool otherwise) {
  if (field.null_or_absent()) return otherwise;
  return field.lenient_boolean();
}

Result<App> read_app(const JsonField& field) {
  App app;
  for (const auto& [key, value] : {std::pair{"app_id", &app.id}, std::pair{"app_secret", &app.secret},
                                   std::pair{"organisation", &app.organisation}, std::pair{"user", &app.user},
                                   std::pair{"redirect_uri", &app.redirect_uri}}) {
    auto read = read_string(field[key]);
    if (!read) return fail(read.error());
    *value = std::move(*read);
  }
  for (const auto& [key, value] : {std::pair{"app_id", &app.id}, std::pair{"app_secret", &app.secret}}) {
    if (is_credential(*value)) continue;
    return field[key].refuse(ErrorCode::Invalid, "letters, digits, '.', '_' and '-' are wanted");
  }
  if (!app.user.empty() && !is_digits(app.user)) {
    return field["user"].refuse(ErrorCode::Invalid, "a numeric user id is wanted");
  }
  auto trusted = read_bool(field["trusted"], true);
  if (!trusted) return fail(trusted.error());
  app.trusted = *trusted;
  return app;
}

Result<void> read_apps(const JsonField& field, AccountSettings& settings) {
  if (field["app_id"].present() || field["app_secret"].present()) {
    auto app = read_app(field);
    if (!app) return fail(app.error());
    settings.apps.push_back(std::move(*app));
  }
  for (const JsonField& each : field["apps"].one_or_more()) {
    auto app = read_app(each);
    if (!app) return fail(app.error());
    if (settings.app(app->id) != nullptr)
      return each["app_id"].refuse(ErrorCode::Conflict, "it is there twice");
    settings.apps.push_back(std::move(*app));
  }
  return {};
}

Result<ActionReply> read_action_reply(const JsonField& field) {
  auto word = read_string(field, "accepted");
  if (!word) return fail(word.error());
  if (*word == "accepted") return ActionReply::Accepted;
  if (*word == "joined") return ActionReply::Joined;
  if (*word == "ok") return ActionReply::Ok;
  return field.refuse(ErrorCode::Invalid, "\"accepted\", \"joined\" or \"ok\" is wanted");
}

Result<void> read_choices(const JsonField& field, AccountSettings& settings) {
  auto reply = read_action_reply(field["action_reply"]);
  if (!reply) return fail(reply.error());
  settings.action_reply = *reply;
  auto empty = read_string(field["empty_reply"], "200");
  if (!empty) return fail(empty.error());
  if (*empty != "200" && *empty != "204") {
    return field["empty_reply"].refuse(ErrorCode::Invalid, "200 or 204 is wanted");
  }
  settings.empty_is_204 = *empty == "204";
  auto create = read_string(field["create_reply"], "array");
  if (!create) return fail(create.error());
  if (*create != "array" && *create != "object") {
    return field["create_reply"].refuse(ErrorCode::Invalid, "\"array\" or \"object\" is wanted");
  }
  settings.create_is_object = *create == "object";
  auto expired = read_string(field["expired_status"], "401");
  if (!expired) return fail(expired.error());
  if (*expired != "401" && *expired != "403") {
    return field["expired_status"].refuse(ErrorCode::Invalid, "401 or 403 is wanted");
  }
  settings.expired_status = *expired == "403" ? 403 : 401;
  return {};
}

}  // namespace

const App* AccountSettings::app(std::string_view id) const {
  const auto it = std::find_if(apps.begin(), apps.end(), [id](const App& app) { return app.id == id; });
  return it == apps.end() ? nullptr : &*it;
}

Result<AccountSettings> parse_settings(std::string_view json) {
  auto document = text::parse_json(json.empty() ? "{}" : json);
  if (!document) return fail(document.error());
  const JsonField field(*document, "voipnow");
  if (auto object = field.object(); !object) return fail(object.error());
  AccountSettings settings;
  if (auto read = read_apps(field, settings); !read) return fail(read.error());
  if (auto read = read_choices(field, settings); !read) return fail(read.error());
  for (const auto& [key, value] : {std::pair{"consent_password", &settings.consent_password},
                                   std::pair{"hold_music", &settings.hold_music}}) {
    auto read = read_string(field[key]);
    if (!read) return fail(read.error());
    *value = std::move(*read);
  }
  return settings;
}

Result<std::string> complete_settings(std::string_view json, base::Random& random) {
  auto document = text::parse_json(json.empty() ? "{}" : json);
  if (!document) return fail(document.error());
  JsonObject* object = document->object();
  if (object == nullptr) return fail(ErrorCode::Invalid, "voipnow: an object is wanted");
  const bool own_app = object->find("apps") == nullptr || object->find("app_id") != nullptr;
  if (own_app && object->find("app_id") == nullptr)
    object->add("app_id", crypto::make_token(random).substr(0, 20));
  if (own_app && object->find("app_secret") == nullptr) object->add("app_secret", crypto::make_token(random));
  if (object->find("consent_password") == nullptr) {
    object->add("consent_password", crypto::make_token(random).substr(0, 16));
  }
  if (auto valid = parse_settings(text::to_text(*document)); !valid) return fail(valid.error());
  return text::to_text(*document);
}

}  // namespace sotto::voipnow
