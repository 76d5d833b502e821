#include "text/claims.h"

#include "text/json_field.h"

namespace sotto::text {

Result<void> check_claim_times(const Json& claims, base::WallTime now, std::chrono::seconds leeway) {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto slack = static_cast<double>(leeway.count());
  const JsonField root(claims);
  for (const std::string_view name : {"exp", "nbf", "iat"}) {
    const JsonField claim = root[name];
    if (!claim.present()) continue;
    const auto moment = claim.number();
    if (!moment) return fail(ErrorCode::Unauthorized, "token: " + moment.error().detail);
    if (name == "exp" && *moment + slack <= seconds)
      return fail(ErrorCode::Unauthorized, "token: has expired");
    if (name != "exp" && *moment - slack > seconds)
      return fail(ErrorCode::Unauthorized, "token: is not valid yet");
  }
  return {};
}

}  // namespace sotto::text
