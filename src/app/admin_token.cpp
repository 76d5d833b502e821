#include "app/admin_token.h"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "crypto/password.h"
#include "store/token_store.h"

namespace sotto::app {
namespace {

Result<void> write_secret(const std::string& path, const std::string& secret) {
  const auto failed = [&] { return fail(ErrorCode::Io, path + ": " + std::strerror(errno)); };
  ::unlink(path.c_str());  // of an earlier database
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed();
  const std::string line = secret + "\n";
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (::close(file) != 0 || !written) return failed();
  return {};
}

}  // namespace

Result<std::optional<std::string>> make_admin_token(store::Connection& connection, const std::string& folder,
                                                    base::Random& random, base::WallTime now) {
  const auto tokens = store::all_tokens(connection);
  if (!tokens) return fail(tokens.error());
  const bool known = std::any_of(tokens->begin(), tokens->end(),
                                 [](const store::ApiToken& token) { return token.account.empty(); });
  if (known) return std::optional<std::string>();
  const std::string token = crypto::make_token(random);
  if (auto written = write_secret(folder + "/admin-token", token); !written) return fail(written.error());
  const store::ApiToken row{
      crypto::token_fingerprint(token), "", "made at the first start", "admin", now, {}};
  if (auto added = store::add_token(connection, row); !added) return fail(added.error());
  return std::optional(token);
}

}  // namespace sotto::app
