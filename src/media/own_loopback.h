#pragma once

#include <string>

#include <unistd.h>

namespace sotto::media {

// For tests: an address of the loopback that no other process of the same test run uses, so that all its
// ports are free.
inline std::string own_loopback() {
  const auto pid = static_cast<unsigned>(::getpid());
  return "127." + std::to_string(64 + (pid >> 16 & 63)) + "." + std::to_string(pid >> 8 & 255) + "." +
         std::to_string(pid & 255);
}

}  // namespace sotto::media
