#pragma once

#include "cli/api.h"
#include "cli/invocation.h"

// Every command's function; commands.cpp says what each does.
namespace sotto::cli {

Result<void> list_numbers(Api& api, const Invocation& given);

}  // namespace sotto::cli
