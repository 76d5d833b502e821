#pragma once

#include "hearing/delta.h"
#include "hearing/facts.h"
#include "hearing/plan.h"

namespace sotto::hearing {

// The one place that decides who hears whom. Total: any facts give a plan. O(members + exceptions), and a
// supervisor, a mute or a hold costs no more than its own few cells.
//
// A leg hears another if the speaker is not muted, neither is held or waiting, the listener is not earmuffed,
// private or source-only, and both can_speak and can_hear allow it; a supervisor is heard only as his mode
// says. A prompt is heard by its audience. The plan's revision is 0: the room's owner numbers it.
Plan derive(const Facts& facts);

}  // namespace sotto::hearing
