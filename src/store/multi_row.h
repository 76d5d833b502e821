#pragma once

#include <string>
#include <vector>

#include "store/connection.h"

namespace sotto::store {

// An INSERT of many rows, in few statements.
struct MultiRow {
  std::string insert;  // "INSERT INTO t (a, b)"
  size_t columns = 0;
  std::string conflict;  // "ON CONFLICT …", or empty. PostgreSQL takes each key once in one call.
};

// Invalid, with nothing done, unless check_storable() for all. After another error some rows may be there, as
// the caller's transaction has it.
Result<void> put_rows(Connection& connection, const MultiRow& statement, std::vector<Values> rows);

}  // namespace sotto::store
