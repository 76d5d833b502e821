#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "directory/model.h"
#include "text/json.h"

namespace sotto::vonage {

inline constexpr std::string_view kDialect = "vonage";

// What the dialect keeps on an account.
struct AccountSettings {
  std::string api_key;              // 8 hex digits
  std::string api_secret;           // what the CLIs and the application API are opened with
  std::string signature_secret;     // signs webhooks; empty: they are not signed
  std::string created;              // of the secret, ISO 8601
  text::JsonArray more_secrets;     // [{"id","secret","created_at"}], added over the API
  int64_t calls_per_second = 0;     // that the voice API makes; 0: any number
  int64_t requests_per_second = 0;  // of the voice API that make none; 0: any number
};

Result<AccountSettings> parse_account_settings(std::string_view json);
std::string to_json(const AccountSettings& settings);
AccountSettings settings_of(const directory::Account& account);  // empty if it has none
bool opens(const AccountSettings& settings, std::string_view secret);

// See Dialect::complete_account.
Result<std::string> complete_account_settings(std::string_view json, base::Random& random);

}  // namespace sotto::vonage
