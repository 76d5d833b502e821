#pragma once

#include <chrono>

#include "base/ids.h"
#include "base/time.h"

namespace sotto::base {

// An id that begins with the milliseconds since 1970, as a UUID of version 7 does (RFC 9562): what is made in
// one hour lies together in each index of a database, so that writing it touches few pages. The other 80 bits
// are random. Not for what nobody may guess.
template <typename IdType>
IdType rising_id(const Clock& clock, Random& random) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(clock.wall().time_since_epoch());
  const uint64_t moment = static_cast<uint64_t>(since.count()) << 16;
  return IdType{moment | (random.next() & 0xffff), random.next()};
}

}  // namespace sotto::base
