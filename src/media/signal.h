#pragma once

#include <cstdint>

#include <unistd.h>

namespace sotto::media {

// Makes an eventfd readable. It fails only when the counter is full, and then the reader has cause to wake up
// already.
inline void signal(int event) noexcept {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof(one));
}

}  // namespace sotto::media
