#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace sotto::bench {

// Whispered calls, begun at a steady rate: a caller dials, an agent answers at once, hears the whisper,
// accepts by a key, they talk, the caller hangs up.
struct WhisperBenchOptions {
  double calls_per_s = 10;
  std::chrono::seconds length{30};                // of the measurement
  std::chrono::milliseconds accept_after{1'000};  // from the first sound of the whisper
  std::chrono::milliseconds talk{18'000};         // from the first sound of the other
};

// Gives `print` one line of JSON: from the agent's answer to the first sound of the whisper, and from his key
// to both hearing each other (p50, p99, max; of calls after the first fifth, when the words are made); CPU of
// the control thread and of all per call; memory after a fifth of the time and at the end; orphans; calls
// that failed; calls in which they heard each other before the agent had accepted. 1 if one of the last three
// is not 0, or nothing could be measured.
int bench_whisper(const WhisperBenchOptions& options, const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
