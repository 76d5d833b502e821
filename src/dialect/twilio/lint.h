#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/twilio/twiml/parser.h"

namespace sotto::twilio {

// What somebody who wrote this document should know, with Twilio's own numbers. Pure. It is read as the main
// document of a call at an address of its own.
std::vector<Problem> lint_twiml(std::string_view twiml);

}  // namespace sotto::twilio
