#include "call/end_reason.h"

#include <array>

#include "base/check.h"

namespace sotto::call {
namespace {

constexpr std::array<std::string_view, 21> kCauses = {
    "hung-up",      "cancelled",          "busy",          "declined",    "no-answer",     "ring-timeout",
    "not-accepted", "answered-elsewhere", "unroutable",    "unreachable", "far-failure",   "media-lost",
    "time-limit",   "waited-too-long",    "room-ended",    "driver-left", "program-ended", "program-failed",
    "transferred",  "overloaded",         "server-stopped"};
static_assert(static_cast<size_t>(EndCause::ServerStopped) + 1 == kCauses.size());

constexpr std::array<std::string_view, 6> kWho = {"unknown", "far-end", "other-leg",
                                                  "program", "api",     "platform"};
static_assert(static_cast<size_t>(EndedBy::Platform) + 1 == kWho.size());

}  // namespace

std::string_view to_string(EndCause cause) {
  CHECK(static_cast<size_t>(cause) < kCauses.size());
  return kCauses[static_cast<size_t>(cause)];
}

std::string_view to_string(EndedBy who) {
  CHECK(static_cast<size_t>(who) < kWho.size());
  return kWho[static_cast<size_t>(who)];
}

}  // namespace sotto::call
