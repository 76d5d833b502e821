#pragma once

#include <string>

#include "call/prompt.h"
#include "dialect/vonage/ncco/options.h"

namespace sotto::vonage {

// What talk says, in an NCCO and over REST, whose voice option has another name.
call::PromptSpec read_speech(Options& options, std::string_view voice_key);
// How often, and how loud.
void read_playing(Options& options, call::PromptSpec& prompt);

}  // namespace sotto::vonage
