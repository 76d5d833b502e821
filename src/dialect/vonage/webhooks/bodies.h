#pragma once

#include <string>

#include "call/event.h"
#include "dialect/vonage/call_state.h"
#include "flow/document.h"
#include "text/uri.h"

// The bodies of webhooks (vonage.md §3), as values. Nothing here sends.
namespace sotto::vonage {

text::Json started_event(const call::Leg& leg, const CallState& state, call::WallTime at);
text::Json ringing_event(const call::Leg& leg, const CallState& state, call::WallTime at);
text::Json answered_event(const call::Leg& leg, const CallState& state, call::WallTime at);
// A WebSocket that the app closed.
text::Json disconnected_event(const call::Leg& leg, const CallState& state, call::WallTime at);
// Busy, failed and their like: what a leg that was never answered came to.
text::Json failure_event(const call::Leg& leg, const CallState& state, call::WallTime at);
text::Json completed_event(const call::Leg& leg, const CallState& state, call::WallTime at);
text::Json machine_event(const call::Leg& leg, const CallState& state, const call::MachineVerdict& verdict,
                         call::WallTime at);
text::Json transfer_event(const call::Leg& leg, const std::string& from, const std::string& to,
                          call::WallTime at);
text::Json error_event(const call::Leg& leg, const CallState& state, const std::string& reason,
                       call::WallTime at);
text::Json notify_event(const CallState& state, const text::Json& payload, call::WallTime at);
struct InputForm {
  bool legacy = false;  // as before 2020
  bool digits = false;
  bool speech = false;
};
text::Json input_event(const call::Leg& leg, const CallState& state, const flow::Gathered& gathered,
                       const InputForm& form, call::WallTime at);
text::Json record_event(const call::RecordingInfo& recording, const std::string& public_url,
                        call::WallTime at);

// Of the answer webhook and its kin, in the order in which the service sends them.
text::Parameters answer_parameters(const call::Leg& leg, const CallState& state,
                                   const std::string& public_url);
text::Json to_json(const text::Parameters& parameters);
// An event for a hook whose method is GET: what is no text goes as JSON.
text::Parameters to_parameters(const text::Json& event);

}  // namespace sotto::vonage
