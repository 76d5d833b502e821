#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "directory/model.h"

// What the dialect keeps on an account, under its name in directory::DialectSettings.
namespace sotto::twilio {

inline constexpr std::string_view kDialect = "twilio";

struct AccountSettings {
  std::string account_sid;  // AC…
  std::string auth_token;   // signs webhooks, and is the API's password
  std::string friendly_name;
  std::string status = "active";  // or suspended, closed
  std::string created;            // RFC 2822, empty: by the operator's file
  bool recordings_need_auth = true;
  bool unencrypted_streams = false;  // media streams may go to ws://
};

// Of an account that has been completed; anything else in it is refused.
Result<AccountSettings> parse_account_settings(std::string_view json);
std::string to_json(const AccountSettings& settings);
// Empty settings if the account has none.
AccountSettings settings_of(const directory::Account& account);

// See Dialect::complete_account.
Result<std::string> complete_account_settings(std::string_view json, base::Random& random);

}  // namespace sotto::twilio
