#include "dialect/twilio/shared.h"

#include "dialect/twilio/sid.h"

namespace sotto::twilio {

Shared::Shared(dialect::Services given)
    : services(std::move(given)),
      accounts(services.directory),
      legs(services),
      links(services.loop.clock()),
      notifications(services.switchboard, services.random, services.loop.clock()),
      requests(services.loop.clock()) {}

Host Shared::host_of(const std::string& account_hex) const {
  const Accounts::Account* account = accounts.by_hex(account_hex);
  const std::string sid = account == nullptr ? std::string() : account->settings.account_sid;
  return {sid, services.settings.public_url + "/2010-04-01/Accounts/" + sid,
          [this, account_hex](const std::string& domain) { return domains.sid(account_hex, domain); }};
}

std::string Shared::token_of(const std::string& account_hex) const {
  const Accounts::Account* account = accounts.by_hex(account_hex);
  return account == nullptr ? std::string() : account->settings.auth_token;
}

void Shared::note(const call::Leg& leg, int code, bool error, std::string text) {
  Notification notification;
  notification.account = leg.origin.account;
  notification.call_sid = sid("CA", leg.id);
  notification.code = code;
  notification.error = error;
  notification.text = std::move(text);
  notifications.add(leg.id, std::move(notification));
}

}  // namespace sotto::twilio
