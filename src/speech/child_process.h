#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace sotto::speech {

// Runs a program to its end: `input` to its standard input, its standard output back, its standard error
// dropped. Killed when it takes longer than `time_max` or writes more than `output_max`. Blocks: worker
// threads only.
Result<base::Bytes> run_child(const std::vector<std::string>& arguments, std::string_view input,
                              std::chrono::milliseconds time_max, size_t output_max);

}  // namespace sotto::speech
