#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "call/leg.h"

// What is kept of one inbound call of a campaign.
namespace sotto::campaign {

enum class CallOutcome {
  Answered,       // caller and agent were joined
  Missed,         // no agent accepted, though the caller waited to the end
  Abandoned,      // the caller left before that
  Declined,       // as Missed, and at least one agent refused it
  LostInWhisper,  // the caller left while an agent heard the whisper
  AfterHours,
};
inline constexpr size_t kCallOutcomes = 6;
std::string_view to_string(CallOutcome outcome);

enum class HungUpBy { Caller, Agent, Server };
std::string_view to_string(HungUpBy who);

struct CallRecord {
  call::CallId call;
  std::string campaign;
  std::string number;       // that was dialled
  std::string caller;       // empty: withheld
  bool first_time = false;  // this caller never called this campaign before; never true when withheld
  base::WallTime started;
  std::chrono::milliseconds length{0};                      // from the offer to the end
  std::optional<std::chrono::milliseconds> time_to_answer;  // until the first agent picked up
  std::optional<std::chrono::milliseconds> time_to_accept;  // until the talk began
  std::chrono::milliseconds talk{0};
  CallOutcome outcome = CallOutcome::Missed;
  HungUpBy hung_up_by = HungUpBy::Caller;
  std::string agent;  // who accepted; empty: nobody

  // How long the caller waited for a person, or until he or we gave up.
  std::chrono::milliseconds wait() const { return time_to_accept.value_or(length); }
  bool operator==(const CallRecord&) const = default;
};

}  // namespace sotto::campaign
