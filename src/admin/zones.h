#pragma once

#include <string>

#include "campaign/tzif.h"

namespace sotto::admin {

// A time zone by its IANA name, from the system's zone files. NotFound names the zone.
Result<campaign::TimeZone> load_zone(const std::string& name);

}  // namespace sotto::admin
