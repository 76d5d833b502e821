#pragma once

#include "dialect/voipnow/parts.h"

// What answers at extensions that are no phones.
namespace sotto::voipnow {

// The program of a call to the extension; null for a kind that has none.
ProgramPtr service_program(Parts& parts, const directory::Phone& extension, call::LegId caller);

}  // namespace sotto::voipnow
