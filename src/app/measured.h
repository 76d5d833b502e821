#pragma once

#include <string>

#include "media/event.h"

namespace sotto::app {

// What a leg's sound was like, as `sotto call show` has it among the leg's events: packets, loss, delay, and
// the opinion that a listener would have of it (E-model, 1.0 to 4.5).
std::string measured_json(const media::LegStatistics& statistics);

}  // namespace sotto::app
