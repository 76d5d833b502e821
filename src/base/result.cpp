#include "base/result.h"

#include <array>

#include "base/check.h"

namespace sotto::base {
namespace {
constexpr std::array<std::string_view, 15> kNames = {
    "invalid",   "out of range", "too large",    "not found", "already exists",
    "conflict",  "unsupported",  "unauthorized", "forbidden", "exhausted",
    "timed out", "unreachable",  "closed",       "io",        "internal"};
static_assert(static_cast<size_t>(ErrorCode::Internal) + 1 == kNames.size());
}  // namespace

std::string_view to_string(ErrorCode code) {
  CHECK(static_cast<size_t>(code) < kNames.size());
  return kNames[static_cast<size_t>(code)];
}

}  // namespace sotto::base
