#pragma once

#include <string>
#include <vector>

#include "store/leg_store.h"

namespace sotto::admin {

// The legs of a call, oldest first, by its id or by the id of any of its legs. Invalid, NotFound.
Result<std::vector<store::LegRecord>> find_call(store::Connection& connection, const std::string& id);

}  // namespace sotto::admin
