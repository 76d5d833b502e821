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

// What becomes of the subject when the program has no further step.
enum class AtEnd {
  HangUp,   // a main program
  Accept,   // a screening program
  Silence,  // a conference wait program: stays, hears nothing
  Again,    // a queue wait program: its document is asked again
  Return,   // an announcement
};

struct Program {
  std::vector<Step> steps;
  AtEnd at_end = AtEnd::HangUp;
};

// The steps that a program of this role may contain. validate() refuses others by name.
enum class Role { Main, Screening, ConferenceWait, QueueWait, Hold, Announcement };
StepKinds allowed(Role role);
Result<void> validate(const Program& program, Role role);

}  // namespace sotto::flow
