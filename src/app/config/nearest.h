#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::app::config {

// The word that was probably meant: at most a third of its letters differ. Empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace sotto::app::config
