#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "call/leg.h"
#include "dialect/voipnow/error.h"
#include "dialect/voipnow/settings.h"
#include "dialect/voipnow/values.h"
#include "directory/snapshot.h"

namespace sotto::voipnow {

// The {userId} of a path (contract section 1.2).
struct UserRef {
  enum class Kind { Me, Owner, Id } kind = Kind::Me;
  std::string id;    // digits, of Id
  std::string text;  // as sent, for links
};

// The {extension} of a path: one, or all of the user's ("@self").
struct ExtensionRef {
  const directory::Phone* phone = nullptr;  // null: @self
  bool is_self() const { return phone == nullptr; }
};

// Who asks, and what of the directory he may see: all that a request is judged by. A value; it holds the
// snapshot that it was made from.
class Scope {
 public:
  Scope(directory::AccountId account, App app, AccountSettings settings,
        std::shared_ptr<const directory::Snapshot> directory)
      : account_(account),
        app_(std::move(app)),
        settings_(std::move(settings)),
        directory_(std::move(directory)) {}

  directory::AccountId account() const { return account_; }
  const App& app() const { return app_; }
  const AccountSettings& settings() const { return settings_; }
  const directory::Snapshot& directory() const { return *directory_; }

  bool sees(const directory::Phone& phone) const;
  // Refused with user_invalid.
  Checked<UserRef> user(std::string_view segment) const;
  // Whether the phone counts as this user's.
  bool belongs(const directory::Phone& phone, const UserRef& user) const;
  // Refused with extension_invalid.
  Checked<ExtensionRef> extension(std::string_view segment, const UserRef& user) const;
  // The phones of the user, or the one named.
  std::vector<const directory::Phone*> phones(const ExtensionRef& extension, const UserRef& user) const;

 private:
  directory::AccountId account_;
  App app_;
  AccountSettings settings_;
  std::shared_ptr<const directory::Snapshot> directory_;
};

// The extension at a leg's far end, whoever dialled it and by which of its addresses; null if it is none.
const directory::Phone* phone_of(const directory::Snapshot& directory, const call::Leg& leg);
const directory::Phone* phone_at(const directory::Snapshot& directory, const base::Address& address);

// "310" of "0042*310".
std::string_view short_number(std::string_view extension);
std::string owner_id(const directory::Organisation& organisation);
CallerId caller_id_of(const directory::Phone& phone);

}  // namespace sotto::voipnow
