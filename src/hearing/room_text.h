#pragma once

#include <string>
#include <string_view>

#include "hearing/facts.h"
#include "hearing/plan.h"

// For tests: a room's facts from one line, and what its plan lets each listener hear as another.
namespace sotto::hearing {

// An upper-case letter is a leg, a lower-case one a prompt, a digit a tap.
inline LegId leg(char name) {
  return {.high = 1, .low = static_cast<uint64_t>(name)};
}
inline PromptId prompt(char name) {
  return {.high = 2, .low = static_cast<uint64_t>(name)};
}
inline TapId tap(char name) {
  return {.high = 3, .low = static_cast<uint64_t>(name)};
}

// Words, in any order, the members by themselves first:
//   ABC                     the members
//   A.muted                 also .earmuffed .held .waiting .source_only
//   A.speak=BC A.hear=      lists
//   S>A.whisper             also .listen .private .barge; with a ! at its end: HeldTarget::Deaf
//   p  p@A  p@A*0.5         prompts for the room, for one, at a gain
//   1:A  1:<A  1:*  1:*-A   a tap's next channel: said by A, heard by A, the open room, less A
Facts facts_of(std::string_view text);

// "A<BC B<A": whom each leg, then each tap channel, hears; what is not at gain 1 as "p*0.5".
std::string heard(const Plan& plan);

}  // namespace sotto::hearing
