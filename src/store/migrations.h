#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace sotto::store {

class Connection;

// One step of the schema. Written once, never changed after a release; the next step goes at the end.
struct Migration {
  std::string_view name;
  // Statements that both engines take. "{serial}" is a rising integer primary key, "{by key}" after a table
  // keeps its rows in the order of the primary key, where the engine can.
  std::string_view sql;
};

std::span<const Migration> migrations();

// Brings the database to the last of `steps`, each in a transaction of its own. Safe when several servers
// start at once. Unsupported when the database is newer than this program.
Result<void> migrate(Connection& connection, std::span<const Migration> steps = migrations());
Result<int64_t> schema_version(Connection& connection);

}  // namespace sotto::store
