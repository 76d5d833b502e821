#pragma once

#include "hearing/plan.h"

namespace sotto::hearing {

// What changes from one plan of a room to another. O(size of the plans).
PlanDelta diff(const Plan& from, const Plan& to);

// After it `plan` is what diff() was given as `to`. CHECKs that the delta is of this room and revision.
void apply(Plan& plan, const PlanDelta& delta);

}  // namespace sotto::hearing
