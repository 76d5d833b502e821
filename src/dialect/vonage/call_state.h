#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "call/ports.h"
#include "dialect/vonage/hook.h"
#include "directory/model.h"
#include "text/json.h"

namespace sotto::vonage {

// What the dialect knows of a live leg beside the leg itself.
struct CallState {
  directory::AccountId account;
  directory::ApplicationId application;
  Hook events;               // of this leg: the request's, the connect's, or the application's
  std::string conversation;  // "CON-…"; a named room's and a transfer's replaces the call's own
  text::Json to;             // as call objects show them
  text::Json from;
  std::string to_text;                // as webhooks tell them
  std::string from_text;              // what the app wrote, whatever the callee is shown
  text::Json headers;                 // of a WebSocket endpoint
  bool synchronous = false;           // of a connect whose failure is told by a request for an NCCO
  std::optional<call::LegId> caller;  // whose connect made this leg
  text::Json callee_event;            // of a connect's callee, until it is told by a request for an NCCO
  std::optional<Hook> digits;         // there is an asynchronous input: whom each key is told, or nobody
  std::optional<std::chrono::seconds> length_max;  // from the answer
  std::string digits_on_answer;
  std::optional<call::MachineDetection> detection;
  bool hang_up_on_machine = false;
  bool asks_verdict = false;        // the event of who has answered may be answered by an NCCO
  std::vector<uint64_t> documents;  // kept for this leg, oldest first
};

using CallStates = std::unordered_map<call::LegId, CallState>;

// What of it is stored beside the leg, for call objects after its end.
std::string to_stored(const CallState& state);
CallState state_of_stored(const call::Leg& leg, const std::string& extra);

}  // namespace sotto::vonage
