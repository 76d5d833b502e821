#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/connection.h"

// One row for each inbound call of a campaign, written when it has ended: what reports are made of.
namespace sotto::store {

struct CampaignCall {
  std::string call;  // hex
  base::WallTime started;
  std::string campaign;
  std::string caller;  // empty: withheld
  std::string body;    // JSON, all of it
};

Result<void> add_campaign_calls(Connection& connection, const std::vector<CampaignCall>& calls);

struct CampaignCallQuery {
  std::optional<base::WallTime> from;   // inclusive
  std::optional<base::WallTime> until;  // exclusive
  std::string call;                     // hex; empty: all
};
// Oldest first. TooLarge beyond kReportCallsMax rows: the period must be shorter.
Result<std::vector<CampaignCall>> find_campaign_calls(Connection& connection, const CampaignCallQuery& query);

// Who has called which campaign: (campaign, caller), each once.
Result<std::vector<std::pair<std::string, std::string>>> campaign_callers(Connection& connection);

}  // namespace sotto::store
