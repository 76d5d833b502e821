#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "dialect/twilio/account_settings.h"
#include "store/live_directory.h"

namespace sotto::twilio {

// Accounts by their sids, as the directory has them now. Control thread.
class Accounts {
 public:
  explicit Accounts(store::LiveDirectory& directory);  // outlives it

  struct Account {
    directory::AccountId id;
    std::string hex;  // as in call::Origin
    std::optional<directory::AccountId> parent;
    AccountSettings settings;
    bool active = true;
    bool silence_accepts = true;
    bool any_caller_id = true;
    std::string name;
  };
  // Null if there is none. Valid until the directory changes: not over a co_await.
  const Account* by_sid(const std::string& sid) const;
  const Account* by_hex(const std::string& hex) const;
  std::vector<Account> all() const;  // by sid

 private:
  void read(const directory::Snapshot& snapshot);

  std::unordered_map<std::string, std::shared_ptr<const Account>> by_sid_;
  std::unordered_map<std::string, std::shared_ptr<const Account>> by_hex_;
};

}  // namespace sotto::twilio
