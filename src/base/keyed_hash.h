#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace sotto::base {

// SipHash-2-4: who does not know the key cannot choose texts whose hashes are equal, or near each other in a
// table.
class KeyedHash {
 public:
  explicit KeyedHash(Random& random) : KeyedHash(random.next(), random.next()) {}
  KeyedHash(uint64_t low, uint64_t high) : low_(low), high_(high) {}

  uint64_t operator()(std::string_view text) const;

 private:
  uint64_t low_, high_;
};

}  // namespace sotto::base
