#include "dialect/vonage/account.h"

#include "crypto/digest.h"
#include "text/json_field.h"

namespace sotto::vonage {
namespace {

std::string random_hex(base::Random& random, size_t digits) {
  return base::id_to_hex(random.next(), random.next()).substr(0, digits);
}

constexpr size_t kKeyDigits = 8;
constexpr size_t kSecretDigits = 16;
constexpr size_t kSignatureDigits = 32;
constexpr int64_t kPerSecondMax = 1'000'000;

}  // namespace

Result<AccountSettings> parse_account_settings(std::string_view json) {
  const auto parsed = text::parse_json(json.empty() ? "{}" : json);
  if (!parsed) return fail(parsed.error());
  const text::JsonField root(*parsed);
  if (const auto object = root.object(); !object) return fail(object.error());
  AccountSettings settings;
  for (const auto& [name, place] :
       {std::pair{"api_key", &settings.api_key}, std::pair{"api_secret", &settings.api_secret},
        std::pair{"signature_secret", &settings.signature_secret}, std::pair{"created", &settings.created}}) {
    if (root[name].null_or_absent()) continue;
    auto value = root[name].lenient_text();
    if (!value) return fail(value.error());
    *place = std::move(*value);
  }
  for (const auto& [name, place] : {std::pair{"calls_per_second", &settings.calls_per_second},
                                    std::pair{"requests_per_second", &settings.requests_per_second}}) {
    if (root[name].null_or_absent()) continue;
    auto value = root[name].lenient_integer();
    if (!value) return fail(value.error());
    if (*value < 0 || *value > kPerSecondMax) {
      return fail(ErrorCode::OutOfRange,
                  std::string(name) + ": must be between 0 and " + std::to_string(kPerSecondMax));
    }
    *place = *value;
  }
  if (const text::JsonArray* more = root["secrets"].value().array()) settings.more_secrets = *more;
  return settings;
}

std::string to_json(const AccountSettings& settings) {
  text::JsonObject object{{"api_key", settings.api_key},
                          {"api_secret", settings.api_secret},
                          {"signature_secret", settings.signature_secret}};
  if (!settings.created.empty()) object.set("created", settings.created);
  if (!settings.more_secrets.empty()) object.set("secrets", settings.more_secrets);
  if (settings.calls_per_second != 0) object.set("calls_per_second", settings.calls_per_second);
  if (settings.requests_per_second != 0) object.set("requests_per_second", settings.requests_per_second);
  return text::to_text(text::Json(std::move(object)));
}

AccountSettings settings_of(const directory::Account& account) {
  const auto it = account.settings.find(std::string(kDialect));
  if (it == account.settings.end()) return {};
  return parse_account_settings(it->second).value_or(AccountSettings{});
}

bool opens(const AccountSettings& settings, std::string_view secret) {
  if (settings.api_secret.empty()) return false;
  bool found = crypto::equal_in_constant_time(settings.api_secret, secret);
  for (const text::Json& each : settings.more_secrets) {
    const std::string* other = each["secret"].text();
    if (other != nullptr && crypto::equal_in_constant_time(*other, secret)) found = true;
  }
  return found;
}

Result<std::string> complete_account_settings(std::string_view json, base::Random& random) {
  auto settings = parse_account_settings(json);
  if (!settings) return fail(settings.error());
  const auto unusable = [](const std::string& text) {
    return text.find_first_of(": \t\r\n&") != std::string::npos;
  };
  // They travel in Basic headers, query strings and command lines.
  if (unusable(settings->api_key))
    return fail(ErrorCode::Invalid, "api_key: may not hold ':', '&' or spaces");
  if (unusable(settings->api_secret))
    return fail(ErrorCode::Invalid, "api_secret: may not hold ':', '&' or spaces");
  if (settings->api_key.empty()) settings->api_key = random_hex(random, kKeyDigits);
  if (settings->api_secret.empty()) settings->api_secret = random_hex(random, kSecretDigits);
  if (settings->signature_secret.empty()) settings->signature_secret = random_hex(random, kSignatureDigits);
  return to_json(*settings);
}

}  // namespace sotto::vonage
