#pragma once

#include "app/server.h"

namespace sotto::app {

// Two campaigns on numbers reserved for fiction: 12025550101 is the summer offer, 12025550102 the winter
// offer. `agent` is the SIP URI of whoever answers; calls are taken from this machine only.
ServerSettings demo_settings(const std::string& agent, const std::string& data_folder);

}  // namespace sotto::app
