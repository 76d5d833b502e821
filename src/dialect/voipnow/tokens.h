#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "dialect/host/await.h"
#include "directory/model.h"

namespace sotto::voipnow {

// What a bearer token, a refresh token or a consent's code stands for.
struct Grant {
  directory::AccountId account;
  std::string app;
  base::WallTime expires;
};

enum class GrantKind { Access, Refresh, Code };

// Tokens by their fingerprints: in the store, and the access tokens in use also in memory, so that a request
// waits for no disk. Control thread.
class Tokens {
 public:
  explicit Tokens(dialect::Services services) : services_(std::move(services)) {}

  // The new token's text; usable at once.
  asio::awaitable<Result<std::string>> issue(GrantKind kind, directory::AccountId account, std::string app);
  // NotFound when there is none; TimedOut when it is known to have expired.
  asio::awaitable<Result<Grant>> find(GrantKind kind, std::string token);
  // A code is good once.
  asio::awaitable<Result<Grant>> spend_code(std::string code);

 private:
  void remember(const std::string& fingerprint, const Grant& grant);

  dialect::Services services_;
  std::unordered_map<std::string, Grant> access_;  // by fingerprint
};

inline constexpr std::chrono::seconds kAccessTokenLife{3600};
inline constexpr std::chrono::hours kRefreshTokenLife{24 * 30};
inline constexpr std::chrono::minutes kCodeLife{10};

}  // namespace sotto::voipnow
