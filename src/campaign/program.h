#pragma once

#include <chrono>
#include <string_view>

#include "call/leg.h"
#include "campaign/campaign.h"
#include "flow/program.h"

// A campaign as programs. Nothing is left to be asked but what is not known yet when the call comes in.
namespace sotto::campaign {

inline constexpr std::string_view kDialect = "campaign";

enum class Open { No, Yes };

// What is asked later, of whoever answers for these documents (desk.h).
struct Later {
  flow::DocumentRef whisper;  // when an agent answers; asked only if the whisper tells the time waited
  flow::DocumentRef missed;   // when the dial has failed
};

// The main program of an inbound leg. `campaign` is valid.
flow::Program inbound_program(const Campaign& campaign, const call::Leg& caller, Open open,
                              const Later& later);
// The screening program of an agent: what he alone hears, while the caller goes on waiting.
flow::Program whisper_program(const Campaign& campaign, const base::Address& caller,
                              std::chrono::seconds waited);
// What the caller hears when no agent has accepted.
flow::Program missed_program(const Campaign& campaign);

// The tag of an agent in dials and records: "300", "alice", "sip:bob@example.com".
std::string agent_tag(const base::Address& agent);

}  // namespace sotto::campaign
