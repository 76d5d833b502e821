#include "directory/snapshot.h"

#include <algorithm>

namespace sotto::directory {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Files every item under its key; the first key met twice is an error that names it.
template <typename Item, typename KeyOf, typename Index>
Result<void> index_by(const std::vector<Item>& items, KeyOf key_of, Index& index, std::string_view what) {
  for (size_t i = 0; i < items.size(); ++i) {
    const auto key = key_of(items[i]);
    if constexpr (std::is_same_v<decltype(key), const std::string>) {
      if (key.empty()) continue;
      if (!index.emplace(key, i).second)
        return fail(ErrorCode::Conflict, std::string(what) + ": \"" + key + "\" twice");
    } else {
      if (!index.emplace(key, i).second)
        return fail(ErrorCode::Conflict, std::string(what) + ": one id twice");
    }
  }
  return {};
}

template <typename Item, typename Index, typename Key>
const Item* at(const std::vector<Item>& items, const Index& index, const Key& key) {
  const auto it = index.find(key);
  return it == index.end() ? nullptr : &items[it->second];
}

}  // namespace

Result<void> Snapshot::build_indices() {
  const auto id_of = [](const auto& item) { return item.id; };
  for (Result<void> step :
       {index_by(entities_.accounts, id_of, accounts_, "account"),
        index_by(entities_.applications, id_of, applications_, "application"),
        index_by(entities_.numbers, id_of, numbers_, "number"),
        index_by(
            entities_.numbers, [](const Number& n) { return n.digits; }, numbers_by_digits_, "number"),
        index_by(entities_.organisations, id_of, organisations_, "organisation"),
        index_by(entities_.phones, id_of, phones_, "phone"),
        index_by(
            entities_.phones, [](const Phone& p) { return p.extension; }, phones_by_extension_, "extension"),
        index_by(
            entities_.phones, [](const Phone& p) { return p.user; }, phones_by_user_, "phone user"),
        index_by(entities_.trunks, id_of, trunks_, "trunk")}) {
    if (!step) return step;
  }
  return {};
}

Result<void> Snapshot::check_references() const {
  for (const Application& each : entities_.applications) {
    if (account(each.account) == nullptr)
      return fail(ErrorCode::Invalid, "application \"" + each.name + "\": no such account");
  }
  for (const Organisation& each : entities_.organisations) {
    if (account(each.account) == nullptr)
      return fail(ErrorCode::Invalid, "organisation \"" + each.name + "\": no such account");
  }
  for (const Phone& each : entities_.phones) {
    if (account(each.account) == nullptr)
      return fail(ErrorCode::Invalid, "phone \"" + each.user + "\": no such account");
    if (each.organisation.valid() && organisation(each.organisation) == nullptr) {
      return fail(ErrorCode::Invalid, "phone \"" + each.user + "\": no such organisation");
    }
  }
  for (const Number& each : entities_.numbers) {
    if (!all_digits(each.digits)) {
      return fail(ErrorCode::Invalid, "number \"" + each.digits + "\": E.164 digits without plus are wanted");
    }
    if (each.owner && account(*each.owner) == nullptr)
      return fail(ErrorCode::Invalid, "number " + each.digits + ": no such account");
    const auto* to_application = std::get_if<ToApplication>(&each.assignment);
    if (to_application != nullptr && application(to_application->application) == nullptr) {
      return fail(ErrorCode::Invalid, "number " + each.digits + ": no such application");
    }
    const auto* to_phone = std::get_if<ToPhone>(&each.assignment);
    if (to_phone != nullptr && phone(to_phone->phone) == nullptr) {
      return fail(ErrorCode::Invalid, "number " + each.digits + ": no such phone");
    }
  }
  for (const Trunk& each : entities_.trunks) {
    if (each.hosts.empty() && each.allow_from.empty()) {
      return fail(ErrorCode::Invalid, "trunk \"" + each.name + "\": neither hosts nor allow_from");
    }
  }
  return {};
}

Result<std::shared_ptr<const Snapshot>> Snapshot::create(Entities entities) {
  const auto made = std::make_shared<Snapshot>(OnlyCreate{});
  made->entities_ = std::move(entities);
  if (auto indexed = made->build_indices(); !indexed) return fail(indexed.error());
  if (auto checked = made->check_references(); !checked) return fail(checked.error());
  return std::shared_ptr<const Snapshot>(made);
}

const Account* Snapshot::account(AccountId id) const {
  return at(entities_.accounts, accounts_, id);
}
const Application* Snapshot::application(ApplicationId id) const {
  return at(entities_.applications, applications_, id);
}
const Number* Snapshot::number(NumberId id) const {
  return at(entities_.numbers, numbers_, id);
}
const Number* Snapshot::number(std::string_view digits) const {
  return at(entities_.numbers, numbers_by_digits_, std::string(digits));
}
const Organisation* Snapshot::organisation(OrganisationId id) const {
  return at(entities_.organisations, organisations_, id);
}
const Phone* Snapshot::phone(PhoneId id) const {
  return at(entities_.phones, phones_, id);
}
const Phone* Snapshot::phone_by_extension(std::string_view extension) const {
  return at(entities_.phones, phones_by_extension_, std::string(extension));
}
const Phone* Snapshot::phone_by_user(std::string_view user) const {
  return at(entities_.phones, phones_by_user_, std::string(user));
}
const Trunk* Snapshot::trunk(TrunkId id) const {
  return at(entities_.trunks, trunks_, id);
}

}  // namespace sotto::directory
