#pragma once

#include <memory>
#include <vector>

#include "dialect/host/dialect.h"
#include "dialect/host/services.h"

namespace sotto::app {

// Every dialect that this server speaks.
std::vector<std::unique_ptr<dialect::Dialect>> make_dialects(const dialect::Services& services);

}  // namespace sotto::app
