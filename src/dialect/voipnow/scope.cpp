#include "dialect/voipnow/scope.h"

#include <algorithm>

namespace sotto::voipnow {

using directory::Phone;

std::string_view short_number(std::string_view extension) {
  const size_t star = extension.rfind('*');
  return star == std::string_view::npos ? extension : extension.substr(star + 1);
}

std::string owner_id(const directory::Organisation& organisation) {
  // Ids that a person gave are small numbers.
  if (organisation.id.high == 0) return std::to_string(organisation.id.low);
  return base::to_hex(organisation.id);
}

CallerId caller_id_of(const Phone& phone) {
  return {phone.caller_id_name, phone.caller_id_number.empty() ? phone.extension : phone.caller_id_number};
}

const Phone* phone_at(const directory::Snapshot& directory, const base::Address& address) {
  using Kind = base::Address::Kind;
  if (address.kind == Kind::User) return directory.phone_by_user(address.text);
  if (address.kind == Kind::Phone) return directory.phone_by_extension(address.text);
  if (address.kind != Kind::Number) return nullptr;
  if (const directory::Number* number = directory.number(address.text)) {
    const auto* to = std::get_if<directory::ToPhone>(&number->assignment);
    return to == nullptr ? nullptr : directory.phone(to->phone);
  }
  return directory.phone_by_extension(address.text);
}

const Phone* phone_of(const directory::Snapshot& directory, const call::Leg& leg) {
  if (!leg.origin.extension.empty()) {
    if (const Phone* phone = directory.phone_by_extension(leg.origin.extension)) return phone;
  }
  return leg.direction == call::Direction::Outbound ? phone_at(directory, leg.to) : nullptr;
}

bool Scope::sees(const Phone& phone) const {
  if (phone.account != account_ || phone.extension.empty()) return false;
  if (!app_.user.empty() && without_zeros(phone.owner) != without_zeros(app_.user)) return false;
  if (app_.organisation.empty()) return true;
  const directory::Organisation* organisation = directory_->organisation(phone.organisation);
  return organisation != nullptr &&
         (organisation->prefix == app_.organisation || organisation->name == app_.organisation);
}

Checked<UserRef> Scope::user(std::string_view segment) const {
  const std::string text(segment);
  if (segment == "@me" || segment == "@viewer") return UserRef{UserRef::Kind::Me, {}, text};
  if (segment == "@owner") return UserRef{UserRef::Kind::Owner, {}, text};
  const UserRef user{UserRef::Kind::Id, text, text};
  const auto& phones = directory_->all().phones;
  const bool known = is_digits(segment) && std::any_of(phones.begin(), phones.end(), [&](const Phone& phone) {
                       return sees(phone) && belongs(phone, user);
                     });
  if (!known) return refuse("user_invalid", "userId: no user \"" + text + "\" that this App may see");
  return user;
}

bool Scope::belongs(const Phone& phone, const UserRef& user) const {
  return user.kind != UserRef::Kind::Id || without_zeros(phone.owner) == without_zeros(user.id);
}

Checked<ExtensionRef> Scope::extension(std::string_view segment, const UserRef& user) const {
  if (segment == "@self") return ExtensionRef{};
  const auto invalid = [&](const char* why) {
    return refuse("extension_invalid", "extension: \"" + std::string(segment) + "\" " + why);
  };
  if (!is_extension(segment)) return invalid("is neither an extension number nor @self");
  const Phone* found = directory_->phone_by_extension(segment);
  if (found != nullptr && sees(*found) && belongs(*found, user)) return ExtensionRef{found};
  found = nullptr;
  for (const Phone& phone : directory_->all().phones) {
    if (short_number(phone.extension) != segment || !sees(phone) || !belongs(phone, user)) continue;
    if (found != nullptr) return invalid("is there in more than one organization: the long form is wanted");
    found = &phone;
  }
  if (found == nullptr) return invalid("is no extension of that user");
  return ExtensionRef{found};
}

std::vector<const Phone*> Scope::phones(const ExtensionRef& extension, const UserRef& user) const {
  if (!extension.is_self()) return {extension.phone};
  std::vector<const Phone*> found;
  for (const Phone& phone : directory_->all().phones) {
    if (sees(phone) && belongs(phone, user)) found.push_back(&phone);
  }
  return found;
}

}  // namespace sotto::voipnow
