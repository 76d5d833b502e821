#pragma once

#include <optional>
#include <string>

#include "dialect/vonage/ncco/endpoint.h"
#include "dialect/vonage/ncco/options.h"
#include "flow/step.h"

namespace sotto::vonage {

// What a dial's tag says to the events of the leg that it makes.
struct ConnectTag {
  Hook hook;                  // none: the calling leg's
  bool synchronous = false;   // its failure is told by the request that may be answered by an NCCO
  bool asks_verdict = false;  // and so is who has answered, a human or a machine
  std::string from;           // as the app wrote it
};
std::string to_text(const ConnectTag& tag);
ConnectTag parse_connect_tag(const std::string& text);

// And the destination's.
std::string endpoint_tag(const Endpoint& endpoint);

struct Detection {
  std::optional<call::MachineDetection> detection;
  flow::OnMachine on_machine = flow::OnMachine::Ignore;
  bool advanced = false;  // by the settings of 2022: the event may be answered by an NCCO
};
// Of a connect and of POST /v1/calls, whose keys differ.
Detection read_detection(Options& options, std::string_view simple_key, std::string_view advanced_key);

}  // namespace sotto::vonage
