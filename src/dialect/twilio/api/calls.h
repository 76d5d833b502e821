#pragma once

#include "dialect/twilio/api/request.h"

namespace sotto::twilio {

text::Json render_call(const ApiParts& parts, const ApiRequest& request, const call::Leg& leg,
                       const LegNotes& notes);

// How a leg is dialled for the API: what Calls and Participants have in common.
struct Outgoing {
  call::NewLeg leg;
  Callback status;
  std::optional<call::RecordingSpec> recording;
  std::string send_digits;
  int64_t time_limit = 0;
  std::optional<call::MachineDetection> detection;
  bool await_verdict = false;
  Callback machine;
};
ApiResult<Outgoing> read_outgoing(const ApiParts& parts, const ApiRequest& request);
ApiResult<call::LegId> dial(const ApiParts& parts, const ApiRequest& request, Outgoing outgoing);
ApiResult<call::RecordingSpec> read_recording(const ApiRequest& request, std::string_view source,
                                              std::string_view prefix);

}  // namespace sotto::twilio
