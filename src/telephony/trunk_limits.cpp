#include "telephony/trunk_limits.h"

namespace sotto::telephony {

using namespace std::chrono_literals;

Result<TrunkLimits::Lease> TrunkLimits::admit(const directory::Trunk& trunk, base::TimePoint now) {
  Use& use = uses_[trunk.id];
  if (trunk.channels_max != 0 && calls(trunk.id) >= trunk.channels_max)
    return fail(ErrorCode::Exhausted, "trunk \"" + trunk.name + "\": channels_max are in use");
  if (now - use.second >= 1s) {
    use.second = now;
    use.begun = 0;
  }
  if (trunk.calls_per_second_max != 0 && use.begun >= trunk.calls_per_second_max)
    return fail(ErrorCode::Exhausted, "trunk \"" + trunk.name + "\": calls_per_second_max is reached");
  ++use.begun;
  return count(trunk);
}

TrunkLimits::Lease TrunkLimits::count(const directory::Trunk& trunk) {
  return uses_[trunk.id].calls;
}

size_t TrunkLimits::calls(directory::TrunkId trunk) const {
  const auto it = uses_.find(trunk);
  return it == uses_.end() ? 0 : static_cast<size_t>(it->second.calls.use_count() - 1);
}

}  // namespace sotto::telephony
