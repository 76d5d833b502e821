#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

// Keeping the database small and safe.
namespace sotto::store {

// What is older goes; absent: kept for ever.
struct Retention {
  std::optional<base::WallTime> records;  // ended calls with their legs and events
  std::optional<base::WallTime> ledger;
  std::optional<base::WallTime> recordings;
  std::optional<base::WallTime> dead_letters;
};

struct Purged {
  int64_t rows = 0;
  std::vector<std::string> recording_paths;  // of erased rows: the caller removes the files
  bool more = false;                         // a table had more than one batch: purge again
};

// One batch of at most kStorePurgeMax rows a table, so that it fits between other changes of the writer.
Result<Purged> purge(Connection& connection, const Retention& retention);

// A consistent copy while the server runs. SQLite only: for PostgreSQL, Unsupported with the name of its own
// tool.
Result<void> back_up(const std::string& address, const std::string& target_file);
// Puts a copy in the place of the database. Invalid when it is not ours or damaged, Unsupported when it is
// newer than this program, Conflict while a server has the database open.
Result<void> restore(const std::string& source_file, const std::string& address);

}  // namespace sotto::store
