#include "store/directory_store.h"

#include "store/columns.h"
#include "store/directory_json.h"
#include "store/documents.h"

namespace sotto::store {
namespace {

constexpr char kAccount[] = "account";
constexpr char kApplication[] = "application";
constexpr char kNumber[] = "number";
constexpr char kOrganisation[] = "organisation";
constexpr char kPhone[] = "phone";
constexpr char kTrunk[] = "trunk";

template <typename Entity>
Result<void> write(Connection& connection, const char* kind, const Entity& entity, std::string account,
                   base::WallTime now) {
  Document document{kind, to_column(entity.id), std::move(account), 0, to_text(to_json(entity))};
  return overwrite_document(connection, document, now);
}

template <typename Entity>
Result<void> load(Connection& connection, const char* kind, std::vector<Entity>& out) {
  const auto documents = documents_of_kind(connection, kind);
  if (!documents) return fail(documents.error());
  for (const Document& document : *documents) {
    const auto json = text::parse_json(document.body);
    if (!json) return fail(ErrorCode::Io, std::string(kind) + " " + document.id + ": " + json.error().detail);
    from_json(*json, out.emplace_back());
  }
  return {};
}

}  // namespace

Result<directory::Entities> load_directory(Connection& connection) {
  directory::Entities all;
  Result<void> loaded = load(connection, kAccount, all.accounts);
  if (loaded) loaded = load(connection, kApplication, all.applications);
  if (loaded) loaded = load(connection, kNumber, all.numbers);
  if (loaded) loaded = load(connection, kOrganisation, all.organisations);
  if (loaded) loaded = load(connection, kPhone, all.phones);
  if (loaded) loaded = load(connection, kTrunk, all.trunks);
  if (!loaded) return fail(loaded.error());
  return all;
}

Result<void> put(Connection& connection, const directory::Account& account, base::WallTime now) {
  return write(connection, kAccount, account, to_column(account.id), now);
}
Result<void> put(Connection& connection, const directory::Application& application, base::WallTime now) {
  return write(connection, kApplication, application, to_column(application.account), now);
}
Result<void> put(Connection& connection, const directory::Number& number, base::WallTime now) {
  return write(connection, kNumber, number, to_column(number.owner).value_or(""), now);
}
Result<void> put(Connection& connection, const directory::Organisation& organisation, base::WallTime now) {
  return write(connection, kOrganisation, organisation, to_column(organisation.account), now);
}
Result<void> put(Connection& connection, const directory::Phone& phone, base::WallTime now) {
  return write(connection, kPhone, phone, to_column(phone.account), now);
}
Result<void> put(Connection& connection, const directory::Trunk& trunk, base::WallTime now) {
  return write(connection, kTrunk, trunk, "", now);
}

Result<void> erase(Connection& connection, directory::AccountId id) {
  return erase_document(connection, kAccount, to_column(id));
}
Result<void> erase(Connection& connection, directory::ApplicationId id) {
  return erase_document(connection, kApplication, to_column(id));
}
Result<void> erase(Connection& connection, directory::NumberId id) {
  return erase_document(connection, kNumber, to_column(id));
}
Result<void> erase(Connection& connection, directory::OrganisationId id) {
  return erase_document(connection, kOrganisation, to_column(id));
}
Result<void> erase(Connection& connection, directory::PhoneId id) {
  return erase_document(connection, kPhone, to_column(id));
}
Result<void> erase(Connection& connection, directory::TrunkId id) {
  return erase_document(connection, kTrunk, to_column(id));
}

}  // namespace sotto::store
