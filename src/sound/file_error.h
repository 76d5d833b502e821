#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "base/result.h"

namespace sotto::sound {

// What the system said of the last call about the file at `path`.
inline tl::unexpected<Error> file_error(const std::string& path) {
  return fail(ErrorCode::Io, path + ": " + std::strerror(errno));
}

}  // namespace sotto::sound
