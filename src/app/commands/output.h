#pragma once

#include <cstdio>
#include <string>

namespace sotto::app {

// A line of stdout, at once: a program may read along.
inline void print_line(const std::string& line) {
  std::fprintf(stdout, "%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace sotto::app
