#include "store/token_store.h"

#include "store/columns.h"

namespace sotto::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT fingerprint, account, name, scopes, created, expires FROM api_tokens";

ApiToken token_of(const Row& row) {
  return {row[0].text(), row[1].text(), row[2].text(), row[3].text(), time_of(row[4]), time_or_none(row[5])};
}

}  // namespace

Result<void> add_token(Connection& connection, const ApiToken& token) {
  return changed(
      connection.execute("INSERT INTO api_tokens (fingerprint, account, name, scopes, created, expires) "
                         "VALUES (?, ?, ?, ?, ?, ?)",
                         {token.fingerprint, token.account, token.name, token.scopes,
                          to_column(token.created), to_column(token.expires)}));
}

Result<void> erase_token(Connection& connection, const std::string& fingerprint) {
  return changed_one(connection.execute("DELETE FROM api_tokens WHERE fingerprint = ?", {fingerprint}),
                     "token");
}

Result<ApiToken> find_token(Connection& connection, const std::string& fingerprint, base::WallTime now) {
  const auto rows = connection.execute(std::string(kSelect) + " WHERE fingerprint = ?", {fingerprint});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::NotFound, "token: not found");
  ApiToken token = token_of((*rows)[0]);
  if (token.expires && *token.expires <= now) return fail(ErrorCode::NotFound, "token: has expired");
  return token;
}

Result<std::vector<ApiToken>> all_tokens(Connection& connection) {
  const auto rows = connection.execute(std::string(kSelect) + " ORDER BY created, fingerprint");
  if (!rows) return fail(rows.error());
  std::vector<ApiToken> tokens;
  for (const Row& row : *rows) tokens.push_back(token_of(row));
  return tokens;
}

}  // namespace sotto::store
