#pragma once

#include <span>
#include <string_view>

#include "dialect/twilio/api/request.h"
#include "store/documents.h"

// Resources that are kept and shown, and that nothing else here looks at: SIP domains, credential and access
// lists with their mappings, keys, verified caller ids.
namespace sotto::twilio {

struct StoredField {
  std::string_view parameter;
  std::string_view key;  // empty: it is checked and not kept
  enum class Kind { Text, Url, Method, Flag, Whole, Number, Digits, Ip } kind = Kind::Text;
  std::string_view fallback = {};  // "null" for a field that is null when nothing was given
  bool required = false;
  int64_t most = 128;  // of a whole number
};

struct StoredKind {
  std::string_view name;        // in the store's documents
  std::string_view collection;  // path below the account
  std::string_view prefix;      // of its sids; empty: the sid is what the first field names
  std::string_view list_key;
  std::span<const StoredField> fields;
  std::string_view parent = {};      // parameter of the path that it belongs to
  std::string_view parent_key = {};  // under which it shows that
  std::span<const std::string_view> subresources = {};
  bool with_account = true;
  bool with_uri = true;
};

// Every kind there is.
std::span<const StoredKind> stored_kinds();

// The stored body of one of them, with its account.
asio::awaitable<Result<std::vector<store::Document>>> stored_documents(ApiParts& parts, std::string kind,
                                                                       std::string account_hex);
asio::awaitable<Result<store::Document>> stored_document(ApiParts& parts, std::string kind, std::string id);
asio::awaitable<Result<void>> put_stored(ApiParts& parts, store::Document document);
asio::awaitable<Result<void>> erase_stored_document(ApiParts& parts, std::string kind, std::string id);

inline constexpr char kKeyKind[] = "twilio_key";
inline constexpr char kQueueKind[] = "twilio_queue";
inline constexpr char kDomainKind[] = "twilio_domain";

}  // namespace sotto::twilio
