#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

// Small configuration objects kept whole, as JSON: accounts, numbers, campaigns. Read all at start, written
// rarely.
namespace sotto::store {

struct Document {
  std::string kind;  // "account", "number", "campaign"
  std::string id;
  std::string account;  // hex, or empty
  int64_t version = 0;  // 0: not stored yet
  std::string body;     // JSON text
};

// Stores it with the next version if `document.version` is the stored one, else Conflict: someone changed it
// meanwhile.
Result<void> put_document(Connection& connection, const Document& document, base::WallTime now);
// Stores it whatever is there.
Result<void> overwrite_document(Connection& connection, const Document& document, base::WallTime now);
Result<void> erase_document(Connection& connection, const std::string& kind, const std::string& id);

Result<Document> find_document(Connection& connection, const std::string& kind, const std::string& id);
Result<std::vector<Document>> documents_of_kind(Connection& connection, const std::string& kind);  // by id

}  // namespace sotto::store
