#pragma once

#include "campaign/campaign.h"
#include "campaign/record.h"
#include "text/json.h"

// Campaigns and their calls as data: for the store and for the admin API.
namespace sotto::campaign {

// By the names that the operator's file uses; what is as by default is left out.
text::Json to_json(const Campaign& campaign);
// An agent as it is written: "sip:bob@example.com", "+12025550199", "310", "alice".
std::string agent_text(const base::Address& agent);

text::Json to_json(const CallRecord& record);
// Members that are missing have their defaults: an older program wrote it.
CallRecord record_from_json(const text::Json& json);

}  // namespace sotto::campaign
