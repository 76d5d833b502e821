#pragma once

#include <string_view>

namespace sotto::sip {

// Whether a User-Agent is that of a tool which looks for open servers and weak passwords, as far as they say
// so.
bool is_scanner(std::string_view user_agent);

}  // namespace sotto::sip
