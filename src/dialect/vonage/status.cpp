#include "dialect/vonage/status.h"

#include <algorithm>

#include "text/e164.h"

namespace sotto::vonage {
namespace {

using call::EndCause;

constexpr std::string_view kStatuses[] = {"started",   "ringing", "answered",   "machine",
                                          "completed", "busy",    "cancelled",  "failed",
                                          "rejected",  "timeout", "unanswered", "human"};

FinalStatus failure(const call::EndReason& reason) {
  switch (reason.sip_code) {
    case 404:
    case 410:
    case 604: return {"failed", "number_out_of_service"};
    case 484: return {"rejected", "invalid_number"};
    default: return {"failed", "cannot_route"};
  }
}

}  // namespace

FinalStatus final_status(const call::Leg& leg) {
  if (leg.answered_at) return {"completed", {}};
  const call::EndReason reason = leg.end.value_or(call::EndReason{});
  switch (reason.cause) {
    case EndCause::Busy: return {"busy", {}};
    case EndCause::Declined: return {"rejected", reason.sip_code == 433 ? "restricted" : "declined"};
    case EndCause::NoAnswer: return {"unanswered", reason.sip_code == 408 ? "timeout" : "unavailable"};
    case EndCause::RingTimeout: return {"timeout", {}};
    case EndCause::HungUp:
    case EndCause::Cancelled:
    case EndCause::AnsweredElsewhere:
    case EndCause::DriverLeft:
    case EndCause::ProgramEnded:
    case EndCause::Transferred:
    case EndCause::NotAccepted: return {"cancelled", {}};
    case EndCause::Unroutable:
    case EndCause::Unreachable: return failure(reason);
    default: return {"failed", "internal_error"};
  }
}

std::string_view current_status(const call::Leg& leg) {
  switch (leg.state) {
    case call::LegState::Offered:
    case call::LegState::Ringing: return "ringing";
    case call::LegState::Dialing: return "started";
    case call::LegState::Answered: return "answered";
    case call::LegState::Ended: break;
  }
  return final_status(leg).status;
}

bool is_status(std::string_view word) {
  return std::find(std::begin(kStatuses), std::end(kStatuses), word) != std::end(kStatuses);
}

bool is_machine(call::MachineVerdict::Kind kind) {
  return kind != call::MachineVerdict::Kind::Human && kind != call::MachineVerdict::Kind::Unknown;
}

std::string duration_text(const call::Leg& leg) {
  if (!leg.answered_at || !leg.ended_at) return "0";
  const auto lasted = *leg.ended_at - *leg.answered_at;
  return std::to_string(
      std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(lasted).count()));
}

std::string network_of(const base::Address& address) {
  if (address.kind != base::Address::Kind::Number) return {};
  const std::string_view country = text::country_of(address.text);
  return country.empty() ? std::string() : std::string(country) + "-FIXED";
}

}  // namespace sotto::vonage
