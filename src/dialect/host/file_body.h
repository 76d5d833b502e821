#pragma once

#include <string>

#include "http/response.h"

namespace sotto::dialect {

// Makes a file the body of an answer, sent piece by piece, so that a long recording does not stand in memory.
// False when its length cannot be told: it is then sent without one, and is empty if it is not there.
bool set_file_body(http::Response& response, const std::string& path);

}  // namespace sotto::dialect
