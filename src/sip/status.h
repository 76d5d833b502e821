#pragma once

#include <string_view>

namespace sotto::sip {

// The RFC's phrase for a status code; for an unknown code that of its class.
std::string_view status_phrase(int status);

}  // namespace sotto::sip
