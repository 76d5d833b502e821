#pragma once

#include <string>

#include "store/connection.h"

namespace sotto::store {

// An INSERT of many rows, in few statements.
struct MultiRow {
  std::string insert;  // "INSERT INTO t (a, b)"
  size_t columns = 0;
  std::string conflict;  // "ON CONFLICT …", or empty. PostgreSQL takes each key once in one call.
};

// `rows` holds the columns of the first row, then those of the next. Invalid, with nothing done, unless
// check_storable(). After another error some rows may be there, as the caller's transaction has it.
Result<void> put_rows(Connection& connection, const MultiRow& statement, const Values& rows);

}  // namespace sotto::store
