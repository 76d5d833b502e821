#pragma once

#include "app/config/settings.h"
#include "app/server.h"

namespace sotto::app::config {

ServerSettings server_settings(const Settings& file);

}  // namespace sotto::app::config
