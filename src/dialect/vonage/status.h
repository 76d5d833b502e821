#pragma once

#include <string>
#include <string_view>

#include "call/event.h"
#include "call/leg.h"

namespace sotto::vonage {

// What became of a leg, in the vendor's words (vonage.md §3.2).
struct FinalStatus {
  std::string_view status;  // "completed" where it had been answered
  std::string_view detail;  // may be empty
};
FinalStatus final_status(const call::Leg& leg);
std::string_view current_status(const call::Leg& leg);  // of a call object
bool is_status(std::string_view word);
bool is_machine(call::MachineVerdict::Kind kind);

// Of call objects and the completed event; a leg that was never answered lasted nothing.
std::string duration_text(const call::Leg& leg);
// "US-FIXED": the network behind the number that was dialled; empty if there is none.
std::string network_of(const base::Address& address);

}  // namespace sotto::vonage
