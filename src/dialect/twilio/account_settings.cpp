#include "dialect/twilio/account_settings.h"

#include "dialect/twilio/sid.h"
#include "text/json.h"
#include "text/json_field.h"

namespace sotto::twilio {
namespace {

Result<std::string> text_or(const text::JsonField& field, std::string fallback) {
  if (field.null_or_absent()) return fallback;
  return field.text();
}

}  // namespace

Result<AccountSettings> parse_account_settings(std::string_view json) {
  auto document = text::parse_json(json.empty() ? std::string_view("{}") : json);
  if (!document) return fail(document.error());
  const text::JsonField root(*document, "twilio");
  if (auto object = root.object(); !object) return fail(object.error());
  AccountSettings settings;
  const std::pair<std::string_view, std::string*> texts[] = {{"account_sid", &settings.account_sid},
                                                             {"auth_token", &settings.auth_token},
                                                             {"friendly_name", &settings.friendly_name},
                                                             {"status", &settings.status},
                                                             {"created", &settings.created}};
  for (const auto& [name, value] : texts) {
    auto given = text_or(root[name], *value);
    if (!given) return fail(given.error());
    *value = std::move(*given);
  }
  const std::pair<std::string_view, bool*> flags[] = {
      {"recordings_need_auth", &settings.recordings_need_auth},
      {"unencrypted_streams", &settings.unencrypted_streams}};
  for (const auto& [name, value] : flags) {
    if (root[name].null_or_absent()) continue;
    auto given = root[name].boolean();
    if (!given) return fail(given.error());
    *value = *given;
  }
  return settings;
}

std::string to_json(const AccountSettings& settings) {
  text::JsonObject out{{"account_sid", settings.account_sid}, {"auth_token", settings.auth_token}};
  if (!settings.friendly_name.empty()) out.add("friendly_name", settings.friendly_name);
  if (settings.status != "active") out.add("status", settings.status);
  if (!settings.created.empty()) out.add("created", settings.created);
  if (settings.unencrypted_streams) out.add("unencrypted_streams", true);
  if (!settings.recordings_need_auth) out.add("recordings_need_auth", false);
  return text::to_text(text::Json(std::move(out)));
}

AccountSettings settings_of(const directory::Account& account) {
  const auto it = account.settings.find(std::string(kDialect));
  if (it == account.settings.end()) return {};
  return parse_account_settings(it->second).value_or(AccountSettings{});
}

Result<std::string> complete_account_settings(std::string_view json, base::Random& random) {
  auto settings = parse_account_settings(json);
  if (!settings) return fail(settings.error());
  if (settings->account_sid.empty()) settings->account_sid = new_sid("AC", random);
  // The clients refuse any other beginning, and the API's paths any other shape.
  if (!is_sid(settings->account_sid, "AC")) {
    return fail(ErrorCode::Invalid, "twilio.account_sid: expected AC and 32 lower-case hex digits");
  }
  if (settings->auth_token.empty()) settings->auth_token = new_sid("", random);
  for (const char c : settings->auth_token) {
    if (c > ' ' && c < 127) continue;
    return fail(ErrorCode::Invalid, "twilio.auth_token: expected printable ASCII without spaces");
  }
  return to_json(*settings);
}

}  // namespace sotto::twilio
