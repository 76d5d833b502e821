#pragma once

#include "app/config/settings.h"
#include "app/server.h"

namespace sotto::app::config {

ServerSettings server_settings(const Settings& file);

// The tables whose change in `fresh` waits for a restart; Server::reload() applies the others.
std::vector<std::string_view> tables_that_wait(const Settings& running, const Settings& fresh);

}  // namespace sotto::app::config
