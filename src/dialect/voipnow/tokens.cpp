#include "dialect/voipnow/tokens.h"

#include "base/limits.h"
#include "crypto/password.h"
#include "store/token_store.h"

namespace sotto::voipnow {
namespace {

std::string scope_word(GrantKind kind) {
  constexpr const char* kWords[] = {"voipnow-access", "voipnow-refresh", "voipnow-code"};
  return kWords[static_cast<size_t>(kind)];
}

base::WallTime expiry(GrantKind kind, base::WallTime now) {
  switch (kind) {
    case GrantKind::Access: return now + kAccessTokenLife;
    case GrantKind::Refresh: return now + kRefreshTokenLife;
    case GrantKind::Code: return now + kCodeLife;
  }
  return now;
}

Result<Grant> grant_of(const store::ApiToken& token, GrantKind kind) {
  const auto account = base::parse_id<directory::AccountId>(token.account);
  if (token.scopes != scope_word(kind) || !account || !token.expires) {
    return fail(ErrorCode::NotFound, "token: it is not of this kind");
  }
  return Grant{*account, token.name, *token.expires};
}

}  // namespace

asio::awaitable<Result<std::string>> Tokens::issue(GrantKind kind, directory::AccountId account,
                                                   std::string app) {
  const std::string token = crypto::make_token(services_.random);
  store::ApiToken row;
  row.fingerprint = crypto::token_fingerprint(token);
  row.account = base::to_hex(account);
  row.name = app;
  row.scopes = scope_word(kind);
  row.created = services_.loop.clock().wall();
  row.expires = expiry(kind, row.created);
  store::Store::Change change = [row](store::Connection& connection) {
    return store::add_token(connection, row);
  };
  const Result<void> written = co_await dialect::write(services_, std::move(change));
  if (!written) co_return fail(written.error());
  if (kind == GrantKind::Access) remember(row.fingerprint, Grant{account, std::move(app), *row.expires});
  co_return token;
}

void Tokens::remember(const std::string& fingerprint, const Grant& grant) {
  if (access_.size() >= base::limits::kTokensCachedMax) access_.clear();
  access_[fingerprint] = grant;
}

asio::awaitable<Result<Grant>> Tokens::find(GrantKind kind, std::string token) {
  const std::string fingerprint = crypto::token_fingerprint(token);
  const base::WallTime now = services_.loop.clock().wall();
  const auto known = kind == GrantKind::Access ? access_.find(fingerprint) : access_.end();
  if (known != access_.end()) {
    if (known->second.expires <= now) co_return fail(ErrorCode::TimedOut, "token: it has expired");
    co_return known->second;
  }
  // Also when it has expired: that is another answer than for one that never was.
  std::function<Result<store::ApiToken>(store::Connection&)> query =
      [fingerprint](store::Connection& connection) {
        return store::find_token(connection, fingerprint, base::WallTime{});
      };
  const Result<store::ApiToken> stored = co_await dialect::read(services_, std::move(query));
  if (!stored) co_return fail(stored.error());
  const Result<Grant> grant = grant_of(*stored, kind);
  if (grant && grant->expires <= now) co_return fail(ErrorCode::TimedOut, "token: it has expired");
  if (grant && kind == GrantKind::Access) remember(fingerprint, *grant);
  co_return grant;
}

asio::awaitable<Result<Grant>> Tokens::spend_code(std::string code) {
  const Result<Grant> grant = co_await find(GrantKind::Code, code);
  if (!grant) co_return grant;
  store::Store::Change change = [fingerprint =
                                     crypto::token_fingerprint(code)](store::Connection& connection) {
    return store::erase_token(connection, fingerprint);
  };
  // Of two who come with one code at once, the second finds nothing to erase.
  const Result<void> erased = co_await dialect::write(services_, std::move(change));
  if (!erased) co_return fail(erased.error());
  co_return grant;
}

}  // namespace sotto::voipnow
