#include "campaign/record.h"

namespace sotto::campaign {

std::string_view to_string(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::Answered: return "answered";
    case CallOutcome::Missed: return "missed";
    case CallOutcome::Abandoned: return "abandoned";
    case CallOutcome::Declined: return "declined";
    case CallOutcome::LostInWhisper: return "lost_in_whisper";
    case CallOutcome::AfterHours: return "after_hours";
  }
  return "unknown";
}

std::string_view to_string(HungUpBy who) {
  switch (who) {
    case HungUpBy::Caller: return "caller";
    case HungUpBy::Agent: return "agent";
    case HungUpBy::Server: return "server";
  }
  return "unknown";
}

}  // namespace sotto::campaign
