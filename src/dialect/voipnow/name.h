#pragma once

#include <string_view>

namespace sotto::voipnow {

inline constexpr std::string_view kName = "voipnow";

}  // namespace sotto::voipnow
