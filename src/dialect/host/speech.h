#pragma once

#include <string>

#include "call/prompt.h"
#include "text/ssml.h"

namespace sotto::dialect {

// What a document wants said, as the core plays it. `voice` as in call::Speech.
call::Speech to_speech(const text::Speech& spoken, std::string language, std::string voice);

}  // namespace sotto::dialect
