#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace sotto::text {

// A stretch of time in the row of its name.
struct NamedSpan {
  std::string name;
  base::WallTime from;
  base::WallTime to;
};

// One line of `width` characters for each name, in the order in which they first appear, and a scale in
// seconds from the first moment to the last. For a terminal.
std::string draw_timeline(const std::vector<NamedSpan>& spans, size_t width);

}  // namespace sotto::text
