#pragma once

#include <chrono>

#include "base/result.h"
#include "base/time.h"

namespace sotto::text {

class Json;

// Unauthorized when a token's "exp" has passed, or its "nbf" or "iat" lies ahead, by more than `leeway`.
// Absent claims pass; one that is no number does not. No upper bound on "exp": a shipped client sends it in
// milliseconds (vonage.md §1.2).
Result<void> check_claim_times(const Json& claims, base::WallTime now, std::chrono::seconds leeway);

}  // namespace sotto::text
