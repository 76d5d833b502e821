#include "app/supervision_rules.h"

#include <array>

#include "base/log.h"

namespace sotto::app {
namespace {

constexpr std::array<const char*, 4> kModes{"listen", "whisper", "private", "barge"};

}  // namespace

Result<void> SupervisionRules::allow(const call::Leg& supervisor, const call::Leg& target,
                                     hearing::SupervisionMode mode) const {
  Result<void> decision = decide(supervisor, target);
  base::log(base::LogLevel::Info, "audit", decision ? "supervision allowed" : "supervision refused",
            {{"mode", kModes.at(static_cast<size_t>(mode))},
             {"supervisor", to_hex(supervisor.id)},
             {"extension", supervisor.origin.extension},
             {"target", to_hex(target.id)},
             {"target_extension", target.origin.extension},
             {"why", decision ? "" : decision.error().detail}});
  return decision;
}

// A campaign's agent may have no account: his calls are the operator's own.
Result<void> SupervisionRules::decide(const call::Leg& supervisor, const call::Leg& target) const {
  const std::string& mine = supervisor.origin.account;
  const std::string& his = target.origin.account;
  if (!mine.empty() && !his.empty() && mine != his)
    return fail(ErrorCode::Forbidden, "the target belongs to another account");
  const directory::Snapshot& directory = *directory_.now();
  const directory::Phone* phone = directory.phone_by_extension(target.origin.extension);
  const directory::Organisation* organisation =
      phone == nullptr ? nullptr : directory.organisation(phone->organisation);
  if (organisation != nullptr && !organisation->supervision_allowed)
    return fail(ErrorCode::Forbidden,
                "organisation \"" + organisation->name + "\": supervision_allowed is off");
  return {};
}

}  // namespace sotto::app
