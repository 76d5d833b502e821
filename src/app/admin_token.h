#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

namespace sotto::app {

// The operator's token, made when the store has none: its fingerprint goes to the store, itself to
// FOLDER/admin-token, which only its owner may read. Nothing when there is one already.
Result<std::optional<std::string>> make_admin_token(store::Connection& connection, const std::string& folder,
                                                    base::Random& random, base::WallTime now);

}  // namespace sotto::app
