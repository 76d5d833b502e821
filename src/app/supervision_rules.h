#pragma once

#include "call/ports.h"
#include "store/live_directory.h"

namespace sotto::app {

// Who may listen in on whom, whatever asks for it: parties of one account, and a target whose organisation
// allows it. Each decision is written to the log for the auditor.
class SupervisionRules final : public call::SupervisionPolicy {
 public:
  explicit SupervisionRules(const store::LiveDirectory& directory)
      : directory_(directory) {}  // outlives this

  Result<void> allow(const call::Leg& supervisor, const call::Leg& target,
                     hearing::SupervisionMode mode) const override;

 private:
  Result<void> decide(const call::Leg& supervisor, const call::Leg& target) const;

  const store::LiveDirectory& directory_;
};

}  // namespace sotto::app
