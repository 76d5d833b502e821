#include "dialect/twilio/accounts.h"

#include <algorithm>

namespace sotto::twilio {

Accounts::Accounts(store::LiveDirectory& directory) {
  directory.on_change([this](const std::shared_ptr<const directory::Snapshot>& now) { read(*now); });
}

void Accounts::read(const directory::Snapshot& snapshot) {
  by_sid_.clear();
  by_hex_.clear();
  for (const directory::Account& each : snapshot.all().accounts) {
    auto account = std::make_shared<Account>();
    account->id = each.id;
    account->hex = base::to_hex(each.id);
    account->parent = each.parent;
    account->settings = settings_of(each);
    account->active = each.active;
    account->silence_accepts = each.silence_accepts;
    account->any_caller_id = each.any_caller_id;
    account->name = each.name;
    by_hex_[account->hex] = account;
    if (!account->settings.account_sid.empty()) by_sid_[account->settings.account_sid] = account;
  }
}

const Accounts::Account* Accounts::by_sid(const std::string& sid) const {
  const auto it = by_sid_.find(sid);
  return it == by_sid_.end() ? nullptr : it->second.get();
}

const Accounts::Account* Accounts::by_hex(const std::string& hex) const {
  const auto it = by_hex_.find(hex);
  return it == by_hex_.end() ? nullptr : it->second.get();
}

std::vector<Accounts::Account> Accounts::all() const {
  std::vector<Account> out;
  for (const auto& [sid, account] : by_sid_) out.push_back(*account);
  std::sort(out.begin(), out.end(), [](const Account& a, const Account& b) {
    return a.settings.account_sid < b.settings.account_sid;
  });
  return out;
}

}  // namespace sotto::twilio
