#include "flow/program.h"

#include <array>

#include "base/limits.h"

namespace sotto::flow {
namespace {

constexpr std::array<std::string_view, kStepKinds> kNames = {
    "answer",      "play",      "pause",   "gather",         "dial",   "join room", "enqueue",
    "leave queue", "dequeue",   "record",  "stop recording", "digits", "refer",     "stream",
    "stop stream", "supervise", "hang up", "reject",         "ask"};

template <typename... Specs>
StepKinds kinds() {
  StepKinds set;
  (set.set(StepSpec(Specs{}).index()), ...);
  return set;
}

Result<void> check(const GatherStep& gather) {
  if (!gather.digits && !gather.speech) return fail(ErrorCode::Invalid, "gather: neither digits nor speech");
  return {};
}

Result<void> check(const DialStep& dial) {
  if (dial.destinations.size() > base::limits::kDialDestinationsMax) {
    return fail(ErrorCode::TooLarge, "dial: too many destinations");
  }
  if (dial.destinations.empty() && !dial.adopt) return fail(ErrorCode::Invalid, "dial: nobody to dial");
  for (const Destination& destination : dial.destinations) {
    const auto* program = std::get_if<std::shared_ptr<const Program>>(&destination.screening.program);
    if (program == nullptr) continue;
    if (auto valid = validate(**program, Role::Screening); !valid) return valid;
  }
  return {};
}

Result<void> check(const JoinRoomStep& join) {
  if (join.room.empty()) return fail(ErrorCode::Invalid, "join room: the room has no name");
  return {};
}

Result<void> check(const EnqueueStep& enqueue) {
  if (enqueue.queue.empty()) return fail(ErrorCode::Invalid, "enqueue: the queue has no name");
  return {};
}

template <typename Spec>
Result<void> check(const Spec&) {
  return {};
}

std::string_view role_name(Role role) {
  constexpr std::string_view kRoles[] = {"call",       "screening", "conference wait",
                                         "queue wait", "hold",      "announcement"};
  return kRoles[static_cast<size_t>(role)];
}

}  // namespace

std::string_view step_name(size_t kind) {
  return kind < kNames.size() ? kNames[kind] : std::string_view("unknown");
}

StepKinds allowed(Role role) {
  switch (role) {
    case Role::Main: return ~kinds<LeaveQueueStep>();
    case Role::Screening:
      return kinds<AnswerStep, PlayStep, PauseStep, GatherStep, RecordStep, StopRecordingStep, SendDigitsStep,
                   StreamStep, StopStreamStep, HangUpStep, RejectStep, AskStep>();
    case Role::QueueWait:
      return kinds<PlayStep, PauseStep, GatherStep, LeaveQueueStep, HangUpStep, AskStep>();
    case Role::ConferenceWait:
    case Role::Hold:
    case Role::Announcement: return kinds<PlayStep, PauseStep, AskStep>();
  }
  return {};
}

Result<void> validate(const Program& program, Role role) {
  if (program.steps.size() > base::limits::kProgramStepsMax) {
    return fail(ErrorCode::TooLarge, "program: too many steps");
  }
  const StepKinds may = allowed(role);
  for (const Step& step : program.steps) {
    if (!may.test(step.spec.index())) {
      return fail(ErrorCode::Unsupported, std::string(step_name(step.spec.index())) +
                                              ": not possible in a program of kind " +
                                              std::string(role_name(role)));
    }
    auto valid = std::visit([](const auto& spec) { return check(spec); }, step.spec);
    if (!valid) return valid;
  }
  return {};
}

}  // namespace sotto::flow
