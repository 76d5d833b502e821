#pragma once

#include "hearing/facts.h"
#include "hearing/plan.h"

namespace sotto::hearing {

// The one place that decides who hears whom. Total: any facts give a plan. O(members + exceptions).
//
// A leg hears another if the speaker is not muted, neither is held or waiting, the listener is not earmuffed,
// private or source-only, and both can_speak and can_hear allow it; a supervisor is heard only as his mode
// says. A prompt is heard by its audience. The plan's revision is 0: the room's owner numbers it.
Plan derive(const Facts& facts);

PlanDelta diff(const Plan& from, const Plan& to);
void apply(Plan& plan, const PlanDelta& delta);  // CHECKs that delta.from is the plan's revision

}  // namespace sotto::hearing
