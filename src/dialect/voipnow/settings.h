#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "text/json.h"

namespace sotto::voipnow {

// A client of the API. It acts for the whole account, for one organisation of it, or for one user.
struct App {
  std::string id;
  std::string secret;
  bool trusted = true;       // may use client credentials, with no user's consent
  std::string organisation;  // prefix or name; empty: the whole account
  std::string user;          // numeric user id; empty: every user
  std::string redirect_uri;  // of the consent of a user; empty: any
};

enum class ActionReply {
  Accepted,  // 202 as soon as the phone rings
  Joined,    // 200 or 204 when it is known what came of it
  Ok,        // as Accepted, with 200: some clients take nothing else
};

// The [account.voipnow] table.
struct AccountSettings {
  std::vector<App> apps;
  ActionReply action_reply = ActionReply::Accepted;
  bool empty_is_204 = false;      // an empty list
  bool create_is_object = false;  // POST answers one object in place of an array
  int expired_status = 401;       // of an expired token; two demo apps renew on 403 only
  std::string consent_password;   // what a user types to let an untrusted App in
  std::string hold_music;         // URL or file; empty: a soft tone

  const App* app(std::string_view id) const;
};

Result<AccountSettings> parse_settings(std::string_view json);
// Makes up what is missing: App key and secret, and the consent password.
Result<std::string> complete_settings(std::string_view json, base::Random& random);

}  // namespace sotto::voipnow
