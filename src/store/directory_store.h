#pragma once

#include "base/result.h"
#include "base/time.h"
#include "directory/snapshot.h"
#include "store/connection.h"

// The directory's entities as documents. A change is written here first; the new snapshot is made from what
// was written.
namespace sotto::store {

// Everything that is stored, for Snapshot::create.
Result<directory::Entities> load_directory(Connection& connection);

Result<void> put(Connection& connection, const directory::Account& account, base::WallTime now);
Result<void> put(Connection& connection, const directory::Application& application, base::WallTime now);
Result<void> put(Connection& connection, const directory::Number& number, base::WallTime now);
Result<void> put(Connection& connection, const directory::Organisation& organisation, base::WallTime now);
Result<void> put(Connection& connection, const directory::Phone& phone, base::WallTime now);
Result<void> put(Connection& connection, const directory::Trunk& trunk, base::WallTime now);

// NotFound when it is not stored.
Result<void> erase(Connection& connection, directory::AccountId id);
Result<void> erase(Connection& connection, directory::ApplicationId id);
Result<void> erase(Connection& connection, directory::NumberId id);
Result<void> erase(Connection& connection, directory::OrganisationId id);
Result<void> erase(Connection& connection, directory::PhoneId id);
Result<void> erase(Connection& connection, directory::TrunkId id);

}  // namespace sotto::store
