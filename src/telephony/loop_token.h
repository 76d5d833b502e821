#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "call/leg.h"

namespace sotto::telephony {

// The mark on a call that we make to ourselves. Nobody else knows it: it is drawn at every start and goes
// only to our own address.
class LoopToken {
 public:
  static constexpr std::string_view kHeader = "X-Sotto-Loop";

  explicit LoopToken(base::Random& random);
  std::string mark(call::LegId dialling) const;
  // The leg that dials; nullopt if we did not write that.
  std::optional<call::LegId> read(std::string_view value) const;

 private:
  const std::string secret_;
};

}  // namespace sotto::telephony
