#pragma once

#include <bitset>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/step.h"

namespace sotto::flow {

inline constexpr size_t kStepKinds = std::variant_size_v<StepSpec>;
using StepKinds = std::bitset<kStepKinds>;  // by index in StepSpec

std::string_view step_name(size_t kind);  // "play", "dial", ...

struct Program {
  std::vector<Step> steps;
};

// What a program is run for. It decides which steps the program may contain, and what becomes of its subject
// when there is no further step.
enum class Role {
  Main,            // at its end the leg is hung up
  Screening,       // at its end the callee accepts
  ConferenceWait,  // silence, until the room starts
  QueueWait,       // its document is asked again
  Hold,            // silence
  Announcement,    // nothing: its subject goes on as before
};
StepKinds allowed(Role role);
// Refused: steps that the role may not contain, by name; more than the limits allow; a step that could never
// end.
Result<void> validate(const Program& program, Role role);

}  // namespace sotto::flow
