#pragma once

#include <memory>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"
#include "directory/model.h"

namespace sotto::telephony {

// How many calls each trunk carries, and may. Control thread.
class TrunkLimits {
 public:
  // One call on a trunk, until it is destroyed.
  using Lease = std::shared_ptr<const void>;

  // Exhausted: channels_max or calls_per_second_max is reached.
  Result<Lease> admit(const directory::Trunk& trunk, base::TimePoint now);
  // A call from the trunk: it takes a channel and is never refused one.
  Lease count(const directory::Trunk& trunk);
  size_t calls(directory::TrunkId trunk) const;

 private:
  struct Use {
    std::shared_ptr<const int> calls = std::make_shared<const int>(0);  // owned by this and by every lease
    base::TimePoint second{};
    uint32_t begun = 0;  // in that second
  };
  std::unordered_map<directory::TrunkId, Use> uses_;
};

}  // namespace sotto::telephony
