#pragma once

#include "call/end_reason.h"
#include "sip/user_agent.h"

// Why a leg ended, in SIP's words and in the core's.
namespace sotto::telephony {

// What a final response to our INVITE, a BYE or a CANCEL means.
call::EndReason reason_of(const sip::EndedEvent& ended);

// What the far end is told. Only a leg that was not answered is given the status.
sip::HangUp hang_up_of(const call::EndReason& reason);

// Whether another way to the same callee is worth trying after this final response.
bool worth_another_route(int status);

}  // namespace sotto::telephony
