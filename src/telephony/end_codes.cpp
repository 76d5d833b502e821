#include "telephony/end_codes.h"

#include <algorithm>
#include <array>

namespace sotto::telephony {
namespace {

using call::EndCause;
using call::EndedBy;

struct CauseOfStatus {
  int status;
  EndCause cause;
};
constexpr std::array<CauseOfStatus, 14> kCauses = {{{486, EndCause::Busy},
                                                    {600, EndCause::Busy},
                                                    {603, EndCause::Declined},
                                                    {403, EndCause::Declined},
                                                    {433, EndCause::Declined},
                                                    {408, EndCause::NoAnswer},
                                                    {480, EndCause::NoAnswer},
                                                    {487, EndCause::NoAnswer},
                                                    {404, EndCause::Unroutable},
                                                    {410, EndCause::Unroutable},
                                                    {483, EndCause::Unroutable},
                                                    {484, EndCause::Unroutable},
                                                    {604, EndCause::Unroutable},
                                                    {503, EndCause::Unreachable}}};

struct StatusOfCause {
  EndCause cause;
  int status;
};
constexpr std::array<StatusOfCause, 9> kStatuses = {{{EndCause::Busy, 486},
                                                     {EndCause::Declined, 603},
                                                     {EndCause::NoAnswer, 480},
                                                     {EndCause::RingTimeout, 480},
                                                     {EndCause::Unroutable, 404},
                                                     {EndCause::Unreachable, 480},
                                                     {EndCause::ProgramFailed, 480},
                                                     {EndCause::Overloaded, 503},
                                                     {EndCause::ServerStopped, 503}}};

}  // namespace

call::EndReason reason_of(const sip::EndedEvent& ended) {
  call::EndReason reason;
  reason.sip_code = ended.status;
  reason.detail = ended.reason_header.empty() ? ended.reason : ended.reason_header;
  reason.by = ended.by == sip::EndedBy::Remote ? EndedBy::FarEnd : EndedBy::Platform;
  if (ended.by == sip::EndedBy::Network) {
    reason.cause = EndCause::Unreachable;
    return reason;
  }
  if (ended.answered || ended.status == 0) {
    reason.cause = EndCause::HungUp;
    return reason;
  }
  const auto row = std::find_if(kCauses.begin(), kCauses.end(),
                                [&](const auto& each) { return each.status == ended.status; });
  reason.cause = row == kCauses.end() ? EndCause::FarFailure : row->cause;
  return reason;
}

sip::HangUp hang_up_of(const call::EndReason& reason) {
  sip::HangUp out;
  const auto row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                [&](const auto& each) { return each.cause == reason.cause; });
  if (reason.sip_code >= 400) {
    out.status = reason.sip_code;
  } else if (row != kStatuses.end()) {
    out.status = row->status;
  }
  if (reason.cause == EndCause::AnsweredElsewhere) {
    out.reason_header = "SIP;cause=200;text=\"Call completed elsewhere\"";  // RFC 3326 §2
  }
  return out;
}

bool worth_another_route(int status) {
  return status == 408 || (status >= 500 && status < 600);
}

}  // namespace sotto::telephony
