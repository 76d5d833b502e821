#pragma once

#include <vector>

#include "base/result.h"
#include "hearing/ledger.h"
#include "store/connection.h"

// The audibility ledger's rows.
namespace sotto::store {

// Adds new rows, and gives rows that are there their end.
Result<void> put_hearing(Connection& connection, const hearing::Ledger::Rows& rows);

// All rows of every room that one of the legs was in: what hearing::intervals() wants.
Result<hearing::Ledger::Rows> find_hearing(Connection& connection, const std::vector<hearing::LegId>& legs);

// On start: ends what a killed server left open.
Result<void> close_open_hearing(Connection& connection, base::WallTime now);

}  // namespace sotto::store
