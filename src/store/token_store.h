#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

// Bearer tokens of our APIs. Only fingerprints (crypto/password.h) are kept: a stolen database opens nothing.
namespace sotto::store {

struct ApiToken {
  std::string fingerprint;
  std::string account;  // hex, or empty for the server's operator
  std::string name;     // for people
  std::string scopes;   // words with spaces between
  base::WallTime created;
  std::optional<base::WallTime> expires;
};

Result<void> add_token(Connection& connection, const ApiToken& token);
Result<void> erase_token(Connection& connection, const std::string& fingerprint);
// NotFound also when it has expired.
Result<ApiToken> find_token(Connection& connection, const std::string& fingerprint, base::WallTime now);
Result<std::vector<ApiToken>> all_tokens(Connection& connection);  // by creation

}  // namespace sotto::store
